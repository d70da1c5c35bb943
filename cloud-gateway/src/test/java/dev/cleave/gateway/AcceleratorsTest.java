package dev.cleave.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.device.Gpu;
import dev.cleave.gateway.device.GpuInventory;
import dev.cleave.gateway.device.GpuKind;
import dev.cleave.gateway.model.Compilations;
import dev.cleave.gateway.model.FakeAccelerators;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcceleratorsTest {
    private static final GpuInventory ONE = () -> List.of(new Gpu(0, "GPU-a", "H200", "9.0", "570.1", 1 << 30));
    private static final GpuInventory NOT_ASKED = () -> {
        throw new AssertionError("asked for GPUs");
    };

    @TempDir
    Path models;

    private GatewayConfigBuilder settings() {
        return GatewayConfig.builder().modelsDirectory(models).providers(List.of("tensorrt", "cuda"));
    }

    private Accelerators find(GatewayConfigBuilder settings, GpuInventory inventory, String... available)
            throws GatewayException {
        FakeAccelerators engine = new FakeAccelerators(new FakeEngine(), available);
        return Accelerators.find(settings.build(), engine, Map.of(), inventory);
    }

    @Test
    void withoutAGpuProviderNobodyIsAskedAndNothingIsMade() throws Exception {
        try (Accelerators found = find(settings(), NOT_ASKED)) {
            assertThat(found.devices()).containsExactly(new Accelerator("0", 0));
            assertThat(found.compilations()).isEqualTo(Compilations.NONE);
            assertThat(models).isEmptyDirectory();
        }
    }

    @Test
    void whatIsCompiledIsKeptBesideTheModels() throws Exception {
        try (Accelerators found = find(settings(), ONE, "tensorrt")) {
            assertThat(models.resolve(".cleave/compiled")).isDirectory();
            assertThat(found.compilations().kinds().apply(found.devices().get(0)))
                    .isEqualTo(new GpuKind("H200", "9.0", "570.1"));
        }
    }

    @Test
    void orWhereItIsSaid() throws Exception {
        Path said = models.resolve("said");
        find(settings().compiledDirectory(said), ONE, "tensorrt").close();
        assertThat(said).isDirectory();
        assertThat(models.resolve(".cleave")).doesNotExist();
    }

    @Test
    void orNowhere() throws Exception {
        try (Accelerators found = find(settings().compiledBytes(0), NOT_ASKED, "tensorrt")) {
            assertThat(found.compiled()).isNull();
        }
    }

    @Test
    void aDirectoryThatCannotBeUsedHindersNoGateway() throws Exception {
        Path file = Files.writeString(models.resolve("file"), "");
        try (Accelerators found = find(settings().compiledDirectory(file.resolve("in")), ONE, "tensorrt")) {
            assertThat(found.compiled()).isNull();
        }
    }

    @Test
    void aModelsDirectoryThatIsNotThereIsNotMade() {
        Path mistyped = models.resolve("modles");
        FakeAccelerators engine = new FakeAccelerators(new FakeEngine(), "tensorrt");
        GatewayConfig config =
                settings().modelsDirectory(mistyped).port(0).httpPort(0).build();
        assertThatThrownBy(() -> Gateway.start(config, engine))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("modles does not exist");
        assertThat(mistyped).doesNotExist();
    }

    @Test
    void aDeviceIsFoundByItsId() throws Exception {
        try (Accelerators found = find(settings().devices(List.of("GPU-a")), ONE, "cuda")) {
            assertThat(found.devices()).containsExactly(new Accelerator("GPU-a", 0));
        }
        assertThatThrownBy(() -> find(settings().devices(List.of("MIG-b")), ONE, "cuda"))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("device MIG-b is a MIG instance");
    }
}
