package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.memory.MachineMemory;
import dev.cleave.gateway.trial.ModelFiles;
import dev.cleave.gateway.trial.RunMemory;
import dev.cleave.gateway.trial.TrialReport;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchSizesTest {
    private static BatchSizes of(GatewayConfigBuilder settings) {
        return of(settings, RunMemory.UNKNOWN);
    }

    private static BatchSizes of(GatewayConfigBuilder settings, RunMemory taken) {
        return BatchSizes.of(settings.build(), TestModel.named("m").contract(), taken);
    }

    @Test
    void aBundlesOwnMaximumBoundsEverySize() {
        BatchSizes sizes = of(GatewayConfig.builder()
                .maxBatch(32)
                .preferredBatches(List.of(4, 16))
                .warmupRows(List.of(1, 8, 9)));
        assertThat(sizes).isEqualTo(new BatchSizes(8, 1 << 30, List.of(4), List.of(1, 8), ""));
        assertThat(sizes.usual()).isEqualTo(4);
    }

    /** 100 MiB for one row; two executors share 1 GiB. */
    @Test
    void memoryBoundsRows() {
        RunMemory taken = new RunMemory(3, 48, 300 << 20);
        GatewayConfigBuilder settings = GatewayConfig.builder()
                .executors(2)
                .batchMemory(1 << 30)
                .preferredBatches(List.of(4, 8))
                .warmupRows(List.of(1, 6));
        BatchSizes sizes = of(settings, taken);
        assertThat(sizes.most()).isEqualTo(5);
        assertThat(sizes.preferred()).containsExactly(4);
        assertThat(sizes.warm()).containsExactly(1);
        assertThat(sizes.mostBytes()).isEqualTo(1 << 30);
        assertThat(sizes.note())
                .isEqualTo(
                        "batches have at most 5 rows: a run took 300 MiB for 3 rows of 48 bytes, and batchMemory leaves"
                                + " 512 MiB for a run");
        assertThat(of(settings.batchMemory(1), taken).most()).isEqualTo(1);
        assertThat(of(settings.batchMemory(1L << 40), taken)).isEqualTo(of(settings, RunMemory.UNKNOWN));
    }

    @Test
    void aQuarterOfTheMachineIsForRunsUnlessSaidOtherwise() {
        long quarter = MachineMemory.bytes() / 4;
        GatewayConfigBuilder settings = GatewayConfig.builder().maxBatch(4);
        assertThat(of(settings, new RunMemory(1, 16, quarter / 3)).most()).isEqualTo(3);
    }

    /** What takes any size is bounded by its bytes: twenty times what came in was taken. */
    @Test
    void memoryBoundsTheBytesOfOpenInputs() {
        TensorSpec x = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, Shape.DYNAMIC));
        TensorSpec y = new TensorSpec("y", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2));
        RunMemory taken = new RunMemory(3, 192, 20 * 192);
        TrialReport report = new TrialReport(List.of(x), List.of(y), "", taken);
        PlainModel model =
                PlainModel.of(new ModelFiles("m.onnx", Path.of("m.onnx"), Map.of()), "m", "1", "", 1, report);
        BatchSizes sizes =
                BatchSizes.of(GatewayConfig.builder().batchMemory(20_000).build(), model);
        assertThat(sizes.most()).isEqualTo(32);
        assertThat(sizes.mostBytes()).isEqualTo(1000);
        assertThat(sizes.note()).startsWith("batches have at most 1000 bytes of inputs: a run took ");
    }

    @Test
    void theLargestIsUsualWhereNoneIsPreferred() {
        assertThat(of(GatewayConfig.builder().maxBatch(6)).usual()).isEqualTo(6);
    }

    @Test
    void onTheCpuOnlyWhatWasAskedForIsWarmed() {
        BatchSizes sizes = of(GatewayConfig.builder().maxBatch(6).preferredBatches(List.of(3)));
        assertThat(sizes.toWarm(false)).containsExactly(1, 3);
    }

    @Test
    void onAGpuPowersOfTwoAndTheLargestAreWarmed() {
        BatchSizes sizes = of(GatewayConfig.builder().maxBatch(6).preferredBatches(List.of(3)));
        assertThat(sizes.toWarm(true)).containsExactly(1, 2, 3, 4, 6);
        assertThat(BatchSizes.of(
                                GatewayConfig.builder().build(),
                                TestModel.named("m").unbatched().contract(),
                                RunMemory.UNKNOWN)
                        .toWarm(true))
                .containsExactly(1);
    }
}
