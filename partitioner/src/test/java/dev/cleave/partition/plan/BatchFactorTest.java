package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.BatchCurve;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.ProfileException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchFactorTest {
    private static DeviceProfile profile(BatchCurve batch) {
        return MadeUpProfile.of("model.onnx", "0".repeat(64), 10, List.of(), List.of(), batch);
    }

    private static final DeviceProfile MEASURED =
            profile(new BatchCurve(List.of(new BatchTime(1, 12), new BatchTime(2, 15), new BatchTime(8, 30)), ""));

    @Test
    void isTheBatchsTimeOverThatOfOneRow() throws Exception {
        assertThat(BatchFactor.of(MEASURED, 1)).isEqualTo(1);
        assertThat(BatchFactor.of(MEASURED, 2)).isEqualTo(1.25);
        assertThat(BatchFactor.of(MEASURED, 8)).isEqualTo(2.5);
    }

    @Test
    void oneRowNeedsNoBatches() throws Exception {
        assertThat(BatchFactor.of(profile(new BatchCurve(List.of(), "none asked for")), 1))
                .isEqualTo(1);
    }

    @Test
    void batchThatWasNotMeasuredIsRefusedWithThoseThatWere() {
        assertThatThrownBy(() -> BatchFactor.of(MEASURED, 4))
                .isInstanceOf(ProfileException.class)
                .hasMessage("profile of model.onnx has the batches [1, 2, 8]; expected 1 and 4");
        assertThatThrownBy(() -> BatchFactor.of(profile(new BatchCurve(List.of(new BatchTime(4, 9)), "")), 4))
                .isInstanceOf(ProfileException.class)
                .hasMessage("profile of model.onnx has the batches [4]; expected 1 and 4");
    }

    @Test
    void profileWithoutBatchesIsRefusedWithItsReason() {
        assertThatThrownBy(() -> BatchFactor.of(profile(new BatchCurve(List.of(), "no batch dimension")), 4))
                .isInstanceOf(ProfileException.class)
                .hasMessage("profile of model.onnx has the batches none (no batch dimension); expected 1 and 4");
    }
}
