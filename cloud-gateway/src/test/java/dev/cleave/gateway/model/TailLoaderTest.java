package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import org.junit.jupiter.api.Test;

class TailLoaderTest {
    private static int threads(GatewayConfigBuilder settings, int cores) {
        return TailLoader.threads(settings.build().models(), cores);
    }

    @Test
    void executorsShareTheCores() {
        assertThat(threads(GatewayConfig.builder(), 8)).isEqualTo(8);
        assertThat(threads(GatewayConfig.builder().executors(3), 8)).isEqualTo(2);
        assertThat(threads(GatewayConfig.builder().executors(16), 8)).isEqualTo(1);
    }

    @Test
    void whatWasSetIsKept() {
        assertThat(threads(GatewayConfig.builder().executors(3).threads(5), 8)).isEqualTo(5);
    }
}
