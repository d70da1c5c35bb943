package dev.cleave.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MachineTest {
    @Test
    void describesTheMachineItRunsOn() {
        Machine machine = Machine.local();
        assertThat(machine.cores()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(machine.os()).startsWith(System.getProperty("os.name"));
        assertThat(Machine.cpuModel(List.of("processor\t: 0", "model name\t: Some CPU @ 2 GHz", "Model: board")))
                .isEqualTo("Some CPU @ 2 GHz");
        assertThat(Machine.cpuModel(List.of("processor : 0", "Model : Raspberry Pi 4 Model B")))
                .isEqualTo("Raspberry Pi 4 Model B");
        assertThat(Machine.cpuModel(List.of("processor : 0"))).isEmpty();
    }
}
