package dev.cleave.sample.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.events.Waterfall;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageTest {
    private static final Waterfall ALL = new Waterfall(10, 1, 20, 2, 3, 30, 4, 24, 5, 6, 81);

    @Test
    void slicesAddUpToTheTotal() {
        assertThat(Stage.slices(ALL)).hasSize(Stage.values().length);
        assertThat(Stage.slices(ALL).stream().mapToDouble(Stage.Slice::millis).sum())
                .isEqualTo(ALL.totalMillis());
    }

    @Test
    void stagesThatTookNoTimeAreLeftOut() {
        Waterfall local = new Waterfall(10, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 10.5);
        assertThat(Stage.slices(local)).extracting(Stage.Slice::stage).containsExactly(Stage.HEAD, Stage.DEVICE_OTHER);
    }

    @Test
    void widthsFollowTheTimesAndFillTheBar() {
        List<Stage.Slice> slices = List.of(new Stage.Slice(Stage.HEAD, 1), new Stage.Slice(Stage.UPLINK, 3));
        float[] widths = WaterfallView.widths(slices, 408, 4);
        assertThat(widths[0]).isCloseTo(104, within(0.01f));
        assertThat(widths[1]).isCloseTo(304, within(0.01f));
    }

    @Test
    void noSliceIsTooNarrowToBeSeen() {
        List<Stage.Slice> slices = List.of(new Stage.Slice(Stage.HEAD, 0.01), new Stage.Slice(Stage.UPLINK, 1000));
        float[] widths = WaterfallView.widths(slices, 300, 2);
        assertThat(widths[0]).isGreaterThanOrEqualTo(2);
        assertThat(widths[0] + widths[1]).isCloseTo(300, within(0.01f));
    }
}
