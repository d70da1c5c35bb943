package dev.cleave.sample.screen;

import static org.assertj.core.api.Assertions.assertThat;

import android.content.Context;
import android.graphics.Color;
import dev.cleave.sample.R;
import dev.cleave.sample.SampleRunner;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;

/** Text stands out from what is behind it by the factor that WCAG 2.1 asks for (1.4.3, AA), by day and by night. */
@RunWith(SampleRunner.class)
public class ColoursTest {
    private static final double LEAST_CONTRAST = 4.5;

    private final Context context = RuntimeEnvironment.getApplication();

    private void requireReadable() {
        int[] behind = {R.color.background, R.color.surface};
        int[] text = {R.color.text_primary, R.color.text_secondary, R.color.failure};
        for (int on : behind) {
            for (int colour : text) {
                requireContrast(colour, on);
            }
        }
        requireContrast(R.color.on_accent, R.color.accent);
        requireContrast(R.color.on_tonal, R.color.tonal);
        requireContrast(R.color.on_source, R.color.source_local);
        requireContrast(R.color.on_source, R.color.source_split);
        requireContrast(R.color.on_source, R.color.source_cloud);
    }

    private void requireContrast(int text, int behind) {
        double a = Color.luminance(context.getColor(text));
        double b = Color.luminance(context.getColor(behind));
        double contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        assertThat(contrast).as("%s on %s", name(text), name(behind)).isGreaterThanOrEqualTo(LEAST_CONTRAST);
    }

    private String name(int colour) {
        return context.getResources().getResourceEntryName(colour);
    }

    @Test
    @Config(qualifiers = "notnight")
    public void textIsReadableByDay() {
        requireReadable();
    }

    @Test
    @Config(qualifiers = "night")
    public void textIsReadableByNight() {
        requireReadable();
    }
}
