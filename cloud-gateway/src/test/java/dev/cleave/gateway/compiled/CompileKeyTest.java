package dev.cleave.gateway.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.device.GpuKind;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CompileKeyTest {
    static final GpuKind GPU = new GpuKind("NVIDIA H200", "9.0", "570.86.15");
    static final CompileKey KEY =
            new CompileKey("b1", "fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 8, false, 0);

    @Test
    void everyPartMakesAnotherKey() {
        List<CompileKey> others = List.of(
                new CompileKey(
                        "b2", "fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 8, false, 0),
                new CompileKey(
                        "b1", "fp16", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 8, false, 0),
                new CompileKey(
                        "b1", "fp32", "segment-2", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 8, false, 0),
                new CompileKey("b1", "fp32", "segment-1", "other", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 8, false, 0),
                new CompileKey(
                        "b1", "fp32", "segment-1", "tensorrt", "onnxruntime 1.30.0", "10.9.0", GPU, 4, 8, false, 0),
                new CompileKey(
                        "b1", "fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.15.1", GPU, 4, 8, false, 0),
                with(new GpuKind("NVIDIA T4", "9.0", "570.86.15")),
                with(new GpuKind("NVIDIA H200", "8.0", "570.86.15")),
                with(new GpuKind("NVIDIA H200", "9.0", "580.1")),
                new CompileKey(
                        "b1", "fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 2, 8, false, 0),
                new CompileKey(
                        "b1", "fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 16, false, 0),
                new CompileKey(
                        "b1", "fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 8, true, 0),
                new CompileKey(
                        "b1", "fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 8, false, 1));
        Set<String> digests = new HashSet<>();
        digests.add(KEY.digest());
        others.forEach(other -> digests.add(other.digest()));
        assertThat(digests).hasSize(others.size() + 1);
    }

    private static CompileKey with(GpuKind gpu) {
        return new CompileKey(
                "b1", "fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", gpu, 4, 8, false, 0);
    }

    @Test
    void partsDoNotRunIntoEachOther() {
        CompileKey shifted = new CompileKey(
                "b", "1fp32", "segment-1", "tensorrt", "onnxruntime 1.29.0", "10.9.0", GPU, 4, 8, false, 0);
        assertThat(shifted.digest()).isNotEqualTo(KEY.digest());
    }

    @Test
    void theSameKeyIsTheSameFolderWithItsPartsInWords() {
        assertThat(KEY.digest()).isEqualTo(with(GPU).digest()).matches("[0-9a-f]{64}");
        assertThat(new String(KEY.json(), StandardCharsets.UTF_8))
                .contains("\"bundle\" : \"b1\"")
                .contains("\"computeCapability\" : \"9.0\"")
                .contains("\"driver\" : \"570.86.15\"")
                .contains("\"maxRows\" : 8");
    }
}
