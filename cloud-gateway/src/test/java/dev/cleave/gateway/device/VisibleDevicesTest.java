package dev.cleave.gateway.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VisibleDevicesTest {
    private static final Gpu A = new Gpu(0, "GPU-aaaa-1", "H200", "9.0", "570.1", 1 << 30);
    private static final Gpu B = new Gpu(1, "GPU-bbbb-2", "H200", "9.0", "570.1", 1 << 30);

    private static List<Integer> indices(Map<String, String> environment, List<Gpu> gpus, String... names) {
        return new VisibleDevices(environment, () -> gpus)
                .of(List.of(names)).stream().map(Accelerator::index).toList();
    }

    @Test
    void anIndexIsWhatItSaysAndAsksNobody() {
        VisibleDevices devices = new VisibleDevices(Map.of(), () -> {
            throw new AssertionError("asked for the GPUs");
        });
        assertThat(devices.of(List.of("2", "0"))).containsExactly(new Accelerator("2", 2), new Accelerator("0", 0));
    }

    @Test
    void anIdIsItsPlaceAmongThoseThatTheProcessSees() {
        Map<String, String> environment = Map.of("CUDA_VISIBLE_DEVICES", "GPU-bbbb, MIG-cccc-3");
        assertThat(indices(environment, List.of(), "MIG-cccc-3", "GPU-bbbb-2")).containsExactly(1, 0);
        assertRefused(
                environment,
                List.of(A, B),
                "is not in CUDA_VISIBLE_DEVICES, which is \"GPU-bbbb,MIG-cccc-3\"",
                "GPU-aaaa-1");
    }

    @Test
    void aListOfNothingShowsNothing() {
        assertRefused(Map.of("CUDA_VISIBLE_DEVICES", ""), List.of(A), "is not in CUDA_VISIBLE_DEVICES", "GPU-aaaa-1");
        assertRefused(
                Map.of("CUDA_VISIBLE_DEVICES", "GPU-"), List.of(A), "is not in CUDA_VISIBLE_DEVICES", "GPU-aaaa-1");
    }

    @Test
    void theDriversOrderIsBelievedWhereItCanOnlyBeCudas() {
        assertThat(indices(Map.of(), List.of(A), "GPU-aaaa-1")).containsExactly(0);
        assertThat(indices(Map.of("CUDA_DEVICE_ORDER", "PCI_BUS_ID"), List.of(A, B), "GPU-bbbb-2"))
                .containsExactly(1);
        assertRefused(Map.of(), List.of(A, B), "expected CUDA_DEVICE_ORDER=PCI_BUS_ID", "GPU-bbbb-2");
    }

    @Test
    void aMigInstanceHasToBeInTheEnvironment() {
        assertRefused(Map.of(), List.of(A), "expected it in the environment", "MIG-cccc-3");
    }

    @Test
    void whatIsNotThereIsNamedBesideWhatIs() {
        assertRefused(Map.of(), List.of(A), "expected one of [GPU-aaaa-1]", "GPU-zzzz");
        assertRefused(Map.of(), List.of(), "none of the 0 GPUs", "GPU-zzzz");
    }

    @Test
    void twoNamesOfOneDeviceAreRefused() {
        Map<String, String> environment = Map.of("CUDA_VISIBLE_DEVICES", "GPU-aaaa-1,GPU-bbbb-2");
        assertRefused(environment, List.of(), "devices 1 and GPU-bbbb-2 are both", "1", "GPU-bbbb-2");
    }

    private static GpuKind kind(Map<String, String> environment, int index, Gpu... gpus) {
        return new VisibleDevices(environment, () -> List.of(gpus)).kind(new Accelerator("any", index));
    }

    @Test
    void theKindOfADeviceIsKnownWhereItCanOnlyBeOne() {
        Gpu other = new Gpu(1, "GPU-bbbb-2", "T4", "7.5", "570.1", 1 << 30);
        GpuKind h200 = new GpuKind("H200", "9.0", "570.1");
        assertThat(kind(Map.of(), 1, A, B)).isEqualTo(h200);
        assertThat(kind(Map.of(), 0, A, other))
                .as("which is the first is not known")
                .isNull();
        assertThat(kind(Map.of("CUDA_DEVICE_ORDER", "PCI_BUS_ID"), 0, A, other)).isEqualTo(h200);
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "GPU-bbbb,GPU-aaaa"), 1, A, other))
                .isEqualTo(h200);
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "1,0"), 1, A, other)).isNull();
        assertThat(kind(Map.of(), 0)).isNull();
    }

    @Test
    void instancesOfOneCardAreOfDifferentKinds() {
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "MIG-c-3"), 0, A))
                .isEqualTo(new GpuKind("H200 MIG-c-3", "9.0", "570.1"));
    }

    @Test
    void theOneInstanceThatAProcessSeesIsOfItsOwnKind() {
        Gpu one = A.divided(List.of("MIG-c-3"));
        GpuKind instance = new GpuKind("H200 MIG-c-3", "9.0", "570.1");
        assertThat(kind(Map.of(), 0, one)).isEqualTo(instance);
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "0"), 0, one)).isEqualTo(instance);
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "MIG-d-4"), 0, one))
                .isEqualTo(new GpuKind("H200 MIG-d-4", "9.0", "570.1"));
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "GPU-bbbb,GPU-aaaa"), 1, one, B))
                .isEqualTo(instance);
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "GPU-bbbb,GPU-aaaa"), 0, one, B))
                .isEqualTo(new GpuKind("H200", "9.0", "570.1"));
    }

    @Test
    void whichOfSeveralInstancesAProcessSeesIsNotGuessed() {
        Gpu two = A.divided(List.of("MIG-c-3", "MIG-d-4"));
        assertThat(kind(Map.of(), 0, two)).isNull();
        assertThat(kind(Map.of(), 0, A.divided(List.of()))).isNull();
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "0"), 0, two)).isNull();
        assertThat(kind(Map.of("CUDA_VISIBLE_DEVICES", "GPU-aaaa-1"), 0, two)).isNull();
        assertThat(kind(Map.of("CUDA_DEVICE_ORDER", "PCI_BUS_ID"), 1, two, B))
                .as("whether CUDA shows the other card at all")
                .isNull();
        assertThat(kind(Map.of(), 0, A.divided(List.of("MIG-c-3")), B)).isNull();
    }

    private static void assertRefused(
            Map<String, String> environment, List<Gpu> gpus, String message, String... names) {
        assertThatThrownBy(() -> indices(environment, gpus, names))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(Stream.of(names)).anyMatch(e.getMessage()::contains));
    }
}
