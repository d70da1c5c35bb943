package dev.cleave.gateway.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With programs of a few lines in its place. */
@Timeout(60)
class NvidiaSmiTest {
    @TempDir
    Path directory;

    private List<Gpu> gpus(Duration limit, String... lines) throws Exception {
        Path program = directory.resolve("nvidia-smi");
        Files.writeString(program, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return new NvidiaSmi(program, limit).gpus();
    }

    @Test
    void readsOneGpuALine() throws Exception {
        assertThat(gpus(
                        Duration.ofMinutes(1),
                        "echo '0, GPU-1a, NVIDIA H200, 9.0, 570.86.15, 143771, Disabled'",
                        "echo '1, GPU-2b, NVIDIA T4, 7.5, 570.86.15, 15360, [N/A]'"))
                .containsExactly(
                        new Gpu(0, "GPU-1a", "NVIDIA H200", "9.0", "570.86.15", 143771L << 20),
                        new Gpu(1, "GPU-2b", "NVIDIA T4", "7.5", "570.86.15", 15360L << 20));
    }

    @Test
    void asksForWhatItReads() throws Exception {
        assertThat(gpus(
                        Duration.ofMinutes(1),
                        "[ \"$1\" = --query-gpu=index,uuid,name,compute_cap,driver_version,memory.total,mig.mode.current ] || exit 1",
                        "[ \"$2\" = --format=csv,noheader,nounits ] || exit 1",
                        "echo '0, GPU-1a, GB10, 12.1, 580.95, [N/A], [N/A]'"))
                .containsExactly(new Gpu(0, "GPU-1a", "GB10", "12.1", "580.95", 0));
    }

    @Test
    void listsTheInstancesOfThoseThatAreDivided() throws Exception {
        Gpu a = new Gpu(0, "GPU-1a", "NVIDIA H200", "9.0", "570.86.15", 143771L << 20);
        Gpu b = new Gpu(1, "GPU-2b", "NVIDIA H200", "9.0", "570.86.15", 143771L << 20);
        String[] query = {
            "if [ \"$1\" != -L ]; then",
            "echo '0, GPU-1a, NVIDIA H200, 9.0, 570.86.15, 143771, Enabled'",
            "echo '1, GPU-2b, NVIDIA H200, 9.0, 570.86.15, 143771, Disabled'",
            "exit 0; fi"
        };
        assertThat(gpus(
                        Duration.ofMinutes(1),
                        String.join("\n", query),
                        "echo 'GPU 0: NVIDIA H200 (UUID: GPU-1a)'",
                        "echo '  MIG 3g.71gb     Device  0: (UUID: MIG-3c)'",
                        "echo '  MIG 1g.18gb     Device  1: (UUID: MIG-4d)'",
                        "echo 'GPU 1: NVIDIA H200 (UUID: GPU-2b)'"))
                .containsExactly(a.divided(List.of("MIG-3c", "MIG-4d")), b);
        assertThat(gpus(Duration.ofMinutes(1), String.join("\n", query), "exit 9"))
                .as("where it does not list them")
                .containsExactly(a.divided(List.of()), b);
    }

    @Test
    void leavesOutWhatIsNoGpu() throws Exception {
        assertThat(gpus(
                        Duration.ofMinutes(1),
                        "echo 'No devices were found'",
                        "echo 'x, GPU-1a, a, 1, 2, 3, Disabled'",
                        "echo '0, GPU-1a, a, 1, 2, much, Disabled'",
                        "echo"))
                .isEmpty();
    }

    @Test
    void thereIsNoneWhereTheProgramIsAbsentOrFails() throws Exception {
        assertThat(new NvidiaSmi(directory.resolve("none"), Duration.ofMinutes(1)).gpus())
                .isEmpty();
        assertThat(gpus(Duration.ofMinutes(1), "echo '0, GPU-1a, a, 1, 2, 3, Disabled'", "exit 9"))
                .isEmpty();
    }

    @Test
    void aProgramThatHangsIsEnded() throws Exception {
        assertThat(gpus(Duration.ofMillis(100), "exec sleep 100000")).isEmpty();
    }

    @Test
    void aProgramThatNeverStopsTalkingIsEnded() throws Exception {
        assertThat(gpus(Duration.ofMillis(100), "exec yes '0, GPU-1a, a, 1, 2, 3, Disabled'"))
                .isEmpty();
    }
}
