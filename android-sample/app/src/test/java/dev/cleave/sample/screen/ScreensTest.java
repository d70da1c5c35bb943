package dev.cleave.sample.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.Activity;
import android.content.Intent;
import android.graphics.Bitmap;
import android.graphics.Color;
import android.net.Uri;
import android.os.Bundle;
import android.text.Layout;
import android.view.View;
import android.view.ViewGroup;
import android.widget.ScrollView;
import android.widget.TextView;
import dev.cleave.edge.Split;
import dev.cleave.edge.policy.Objective;
import dev.cleave.gateway.Gateway;
import dev.cleave.sample.ColourModel;
import dev.cleave.sample.Patience;
import dev.cleave.sample.R;
import dev.cleave.sample.SampleRunner;
import dev.cleave.sample.TestPhotos;
import dev.cleave.sample.agent.AgentSettings;
import dev.cleave.sample.agent.AgentState;
import dev.cleave.sample.photo.PhotoFile;
import java.io.ByteArrayInputStream;
import java.util.HashSet;
import java.util.Set;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;

/**
 * Every screen, drawn by Android's own graphics into PNG files below {@code target/screens}, for people to look at. What a machine can
 * say of them is checked: all text is there, whatever can be touched is large enough, and who cannot see is told what is there.
 */
@RunWith(SampleRunner.class)
public class ScreensTest extends AppTest {
    private static final String PHONE = "w411dp-h891dp-port";
    private static final String SMALL = "w320dp-h533dp-port";

    /** In dp. */
    private static final int LEAST_TOUCH = 48;

    /** A screen with an answer of a real agent and gateway. */
    private ActivityController<MainActivity> answered(Gateway gateway, Split split) throws Exception {
        TestPhotos.write(
                PhotoFile.current(application),
                TestPhotos.png(TestPhotos.landscape(Color.rgb(84, 140, 214), Color.rgb(60, 120, 86))));
        Bundle saved = new Bundle();
        saved.putBoolean("photo", true);
        new AgentSettings("127.0.0.1:" + gateway.port(), false, 20_000, split, Objective.LATENCY)
                .write(AgentSettings.preferences(application));
        AgentState.Link wanted = split == Split.local() ? AgentState.Link.NONE : AgentState.Link.UP;
        Patience.until(
                () -> wanted + "; is " + service.get().state(),
                () -> service.get().state().phase() == AgentState.Phase.READY
                        && service.get().state().link() == wanted);
        ActivityController<MainActivity> controller = open(saved);
        awaitLabel(controller, "blue");
        Patience.until(
                "the photo is shown",
                () -> controller.get().findViewById(R.id.hint).getVisibility() == View.GONE);
        layOut(controller.get());
        return controller;
    }

    private static void layOut(Activity screen) {
        shadowOf(screen.getMainLooper()).idle();
    }

    private static void check(Activity screen) {
        float density = screen.getResources().getDisplayMetrics().density;
        int width = screen.getWindow().getDecorView().getWidth();
        for (View view : Screenshot.visibleViews(screen)) {
            if (view instanceof TextView text && text.getText().length() > 0) {
                requireWholeText(text);
            }
            if (view.isClickable() && view.isEnabled()) {
                assertThat(view.getHeight() / density)
                        .as("height of %s", name(view))
                        .isGreaterThanOrEqualTo(LEAST_TOUCH - 0.5f);
                assertThat(view.getWidth() / density)
                        .as("width of %s", name(view))
                        .isGreaterThanOrEqualTo(LEAST_TOUCH - 0.5f);
                requireDescription(view);
            }
            int[] place = new int[2];
            view.getLocationInWindow(place);
            assertThat(place[0]).as("left of %s", name(view)).isGreaterThanOrEqualTo(0);
            assertThat(place[0] + view.getWidth()).as("right of %s", name(view)).isLessThanOrEqualTo(width);
            requireRoomInParent(view);
        }
    }

    /** A parent cuts off what is lower than itself, unless it scrolls. */
    private static void requireRoomInParent(View view) {
        if (view.getParent() instanceof ViewGroup parent && !(parent instanceof ScrollView)) {
            assertThat(view.getTop()).as("top of %s", name(view)).isGreaterThanOrEqualTo(0);
            assertThat(view.getBottom())
                    .as("bottom of %s in %s", name(view), name(parent))
                    .isLessThanOrEqualTo(parent.getHeight());
        }
    }

    private static void requireWholeText(TextView text) {
        Layout layout = text.getLayout();
        assertThat(layout).as("layout of %s", name(text)).isNotNull();
        for (int line = 0; line < layout.getLineCount(); line++) {
            assertThat(layout.getEllipsisCount(line))
                    .as("text left out of %s", name(text))
                    .isZero();
        }
        int room = text.getHeight() - text.getCompoundPaddingTop() - text.getCompoundPaddingBottom();
        assertThat(layout.getHeight())
                .as("height of the text of %s", name(text))
                .isLessThanOrEqualTo(room + 1);
    }

    private static void requireDescription(View view) {
        boolean told = view.getContentDescription() != null
                || view instanceof TextView text && (text.getText().length() > 0 || text.getHint() != null);
        assertThat(told).as("%s has a text or a description", name(view)).isTrue();
    }

    private static String name(View view) {
        boolean named = view.getId() >>> 24 != 0 && view.getId() != View.NO_ID; // others are given when the app runs
        return !named ? view.getClass().getSimpleName() : view.getResources().getResourceEntryName(view.getId());
    }

    /** A screen of one colour shows nothing. */
    private static void requireDrawn(Bitmap picture, int background) {
        Set<Integer> colours = new HashSet<>();
        for (int y = 0; y < picture.getHeight(); y += 4) {
            for (int x = 0; x < picture.getWidth(); x += 4) {
                colours.add(picture.getPixel(x, y));
            }
        }
        assertThat(colours).hasSizeGreaterThan(20).contains(background);
    }

    private void answer(String name, Split split) throws Exception {
        try (Gateway gateway = ColourModel.get().serve()) {
            ActivityController<MainActivity> controller = answered(gateway, split);
            MainActivity screen = controller.get();
            requireDrawn(Screenshot.save(screen, name), screen.getColor(R.color.background));
            check(screen);
            View bar = screen.findViewById(R.id.waterfall);
            assertThat(bar.getContentDescription().toString())
                    .startsWith("Where the time went: ")
                    .contains(" ms");
            assertThat(screen.findViewById(R.id.label).getAccessibilityLiveRegion())
                    .isEqualTo(View.ACCESSIBILITY_LIVE_REGION_POLITE);
            controller.pause().stop().destroy();
        }
    }

    @Test
    @Config(qualifiers = PHONE + "-notnight-xhdpi")
    public void empty() throws Exception {
        ActivityController<MainActivity> controller = open(null);
        Patience.until("loaded", () -> text(controller, R.id.status).startsWith("Everything"));
        layOut(controller.get());
        Screenshot.save(controller.get(), "empty-light");
        check(controller.get());
        controller.pause().stop().destroy();
    }

    @Test
    @Config(qualifiers = PHONE + "-notnight-xhdpi")
    public void splitLight() throws Exception {
        answer("split-light", Split.at(1));
    }

    @Test
    @Config(qualifiers = PHONE + "-night-xhdpi")
    public void splitDark() throws Exception {
        answer("split-dark", Split.at(1));
    }

    @Test
    @Config(qualifiers = PHONE + "-night-xhdpi")
    public void cloudDark() throws Exception {
        answer("cloud-dark", Split.cloud());
    }

    @Test
    @Config(qualifiers = SMALL + "-notnight-hdpi")
    public void localSmall() throws Exception {
        answer("local-small", Split.local());
    }

    @Test
    @Config(qualifiers = SMALL + "-notnight-hdpi")
    public void splitSmallLargeFont() throws Exception {
        RuntimeEnvironment.setFontScale(1.6f);
        answer("split-small-large-font", Split.at(1));
    }

    @Test
    @Config(qualifiers = PHONE + "-night-xhdpi")
    public void splitLargeFontDark() throws Exception {
        RuntimeEnvironment.setFontScale(2f);
        answer("split-large-font-dark", Split.at(1));
    }

    @Test
    @Config(qualifiers = "w891dp-h411dp-land-notnight-xhdpi")
    public void splitLandscape() throws Exception {
        answer("split-landscape", Split.at(1));
    }

    @Test
    @Config(qualifiers = "ar-ldrtl-" + PHONE + "-notnight-xhdpi")
    public void splitRightToLeft() throws Exception {
        answer("split-right-to-left", Split.at(1));
    }

    @Test
    @Config(qualifiers = PHONE + "-notnight-xhdpi")
    public void settingsLight() throws Exception {
        settings("settings-light");
    }

    @Test
    @Config(qualifiers = PHONE + "-night-xhdpi")
    public void settingsDark() throws Exception {
        settings("settings-dark");
    }

    @Test
    @Config(qualifiers = SMALL + "-notnight-hdpi")
    public void settingsSmallLargeFont() throws Exception {
        RuntimeEnvironment.setFontScale(1.6f);
        settings("settings-small-large-font");
    }

    private static void settings(String name) throws Exception {
        SettingsActivity screen =
                Robolectric.buildActivity(SettingsActivity.class).setup().get();
        layOut(screen);
        requireDrawn(Screenshot.save(screen, name), screen.getColor(R.color.background));
        check(screen);
    }

    @Test
    @Config(qualifiers = PHONE + "-notnight-xhdpi")
    public void failure() throws Exception {
        ActivityController<MainActivity> controller = open(null);
        Uri picked = Uri.parse("content://pictures/1");
        shadowOf(application.getContentResolver())
                .registerInputStream(picked, new ByteArrayInputStream(new byte[] {1, 2, 3}));
        controller.get().findViewById(R.id.pick).performClick();
        Intent asked = shadowOf(controller.get()).getNextStartedActivityForResult().intent;
        shadowOf(controller.get()).receiveResult(asked, Activity.RESULT_OK, new Intent().setData(picked));
        TextView status = controller.get().findViewById(R.id.status);
        Patience.until(
                "told", () -> status.getCurrentTextColor() == controller.get().getColor(R.color.failure));
        layOut(controller.get());
        Screenshot.save(controller.get(), "failure-light");
        check(controller.get());
        controller.pause().stop().destroy();
    }
}
