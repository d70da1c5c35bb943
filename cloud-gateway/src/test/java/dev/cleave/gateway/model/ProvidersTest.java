package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProvidersTest {
    private static Providers of(List<String> wanted, String... available) {
        Set<String> there = Set.of(available);
        return Providers.of(wanted, name -> there.contains(name) ? null : "not here");
    }

    @Test
    void whatBuildsIsLeftForLater() {
        Providers providers = of(List.of("tensorrt", "cuda"), "tensorrt", "cuda");
        assertThat(providers.atOnce()).containsExactly("cuda");
        assertThat(providers.all()).containsExactly("tensorrt", "cuda");
        assertThat(providers.refused()).isEmpty();
        assertThat(providers.worthBuilding("cuda")).isEqualTo("tensorrt");
        assertThat(providers.worthBuilding("cpu")).isEqualTo("tensorrt");
        assertThat(providers.worthBuilding("tensorrt")).isNull();
    }

    @Test
    void whatTheMachineDoesNotHaveIsNotBuilt() {
        Providers providers = of(List.of("tensorrt", "cuda"), "cuda");
        assertThat(providers.all()).containsExactly("cuda");
        assertThat(providers.refused()).containsExactly("tensorrt: not here");
        assertThat(providers.worthBuilding("cuda")).isNull();
        assertThat(providers.worthBuilding("cpu")).isNull();
    }

    @Test
    void whatIsPreferredToABuildAndInUseStays() {
        Providers providers = of(List.of("cuda", "tensorrt"), "tensorrt", "cuda");
        assertThat(providers.worthBuilding("cuda")).isNull();
        assertThat(providers.worthBuilding("cpu")).isEqualTo("tensorrt");
    }

    @Test
    void nothingComesAfterTheCpu() {
        Providers providers = of(List.of("cpu", "cuda", "tensorrt"), "tensorrt", "cuda");
        assertThat(providers.all()).isEmpty();
        assertThat(providers.worthBuilding("cpu")).isNull();
    }

    @Test
    void sessionsSayThemselvesWhyAQuickProviderIsRefused() {
        Providers providers = of(List.of("cuda"));
        assertThat(providers.atOnce()).containsExactly("cuda");
        assertThat(providers.refused()).isEmpty();
    }
}
