package dev.cleave.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.cleave.engine.DeviceOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProviderSettingsTest {
    private static final DeviceOptions DEVICE = DeviceOptions.first();

    private static Map<String, long[]> inputs(Object... namesAndDims) {
        Map<String, long[]> inputs = new LinkedHashMap<>();
        for (int i = 0; i < namesAndDims.length; i += 2) {
            inputs.put((String) namesAndDims[i], (long[]) namesAndDims[i + 1]);
        }
        return inputs;
    }

    private static long[] dims(long... sizes) {
        return sizes;
    }

    @Test
    void cudaSearchesNothingWithinRequestsWhoseSizesVary() {
        assertThat(ProviderSettings.cuda(DEVICE)).containsOnly(entry("cudnn_conv_algo_search", "HEURISTIC"));
        assertThat(ProviderSettings.cuda(DEVICE.withRows(1, 1))).isEmpty();
    }

    @Test
    void cudaTakesNoMoreThanItIsGiven() {
        assertThat(ProviderSettings.cuda(DEVICE.withMemoryBytes(3L << 30).withRows(1, 1)))
                .containsOnly(entry("gpu_mem_limit", "3221225472"), entry("arena_extend_strategy", "kSameAsRequested"));
    }

    @Test
    void tensorRtIsToldTheRowsOfEveryInputThatIsOpen() {
        Map<String, String> settings = ProviderSettings.tensorRt(
                DEVICE.withRows(4, 8),
                inputs("a", dims(-1, 3, 32), "fixed", dims(2, 2), "scalar", dims(), "b", dims(-1)));
        assertThat(settings)
                .containsOnly(
                        entry("trt_profile_min_shapes", "a:1x3x32,b:1"),
                        entry("trt_profile_opt_shapes", "a:4x3x32,b:4"),
                        entry("trt_profile_max_shapes", "a:8x3x32,b:8"));
    }

    @Test
    void tensorRtIsFastestForTheMostRowsWhereNoneAreUsual() {
        assertThat(ProviderSettings.tensorRt(DEVICE.withRows(0, 8), inputs("a", dims(-1, 4))))
                .containsEntry("trt_profile_opt_shapes", "a:8x4");
    }

    @Test
    void tensorRtNeedsNoProfileWhereNothingIsOpenOrNothingIsKnown() {
        assertThat(ProviderSettings.tensorRt(DEVICE.withRows(1, 8), inputs("a", dims(1, 4))))
                .isEmpty();
        assertThat(ProviderSettings.tensorRt(DEVICE, inputs("a", dims(-1, -1)))).isEmpty();
    }

    @Test
    void tensorRtKeepsWhatItCompilesInTheFolderOfTheSession() {
        DeviceOptions device =
                DEVICE.withCompiled(Path.of("/var/c/w")).withHalves(true).withMemoryBytes(1 << 20);
        assertThat(ProviderSettings.tensorRt(device, inputs()))
                .containsOnly(
                        entry("trt_fp16_enable", "1"),
                        entry("trt_max_workspace_size", "1048576"),
                        entry("trt_engine_cache_enable", "1"),
                        entry("trt_engine_cache_path", "/var/c/w"),
                        entry("trt_timing_cache_enable", "1"),
                        entry("trt_timing_cache_path", "/var/c/w"));
    }

    @Test
    void tensorRtIsRefusedWhereAShapeCannotBeToldInAdvance() {
        assertThatThrownBy(() -> ProviderSettings.tensorRt(DEVICE.withRows(1, 8), inputs("a", dims(-1, 4, -1))))
                .hasMessage("input \"a\" is open in dimension 2; expected only rows, dimension 0, to be open");
        for (String name : new String[] {"a:0", "a,b", ""}) {
            assertThatThrownBy(() -> ProviderSettings.tensorRt(DEVICE.withRows(1, 8), inputs(name, dims(-1))))
                    .hasMessageContaining("has no name for a list of shapes");
        }
    }
}
