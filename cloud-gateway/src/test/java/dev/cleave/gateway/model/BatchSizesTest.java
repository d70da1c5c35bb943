package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchSizesTest {
    private static BatchSizes of(GatewayConfigBuilder settings) {
        return BatchSizes.of(settings.build(), TestModel.named("m").contract());
    }

    @Test
    void aBundlesOwnMaximumBoundsEverySize() {
        BatchSizes sizes = of(GatewayConfig.builder()
                .maxBatch(32)
                .preferredBatches(List.of(4, 16))
                .warmupRows(List.of(1, 8, 9)));
        assertThat(sizes).isEqualTo(new BatchSizes(8, List.of(4), List.of(1, 8)));
        assertThat(sizes.usual()).isEqualTo(4);
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
                                TestModel.named("m").unbatched().contract())
                        .toWarm(true))
                .containsExactly(1);
    }
}
