package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What labels and operators have loaded, kept and offered. */
class RepositoryLabelsTest extends RepositoryFixture {
    @Test
    void labelsPointToReadyVersionsAndSurviveARestart() throws Exception {
        write("m", 1);
        write("m", 2);
        start(GatewayConfig.builder().versionPolicy(VersionPolicy.ALL));
        repository.label("m", "stable", "1");
        repository.label("m", "canary", "2");
        assertThatThrownBy(() -> repository.label("m", "canary", "3"))
                .hasMessage("model \"m\" 3 is not READY; expected one that is");
        assertThatThrownBy(() -> repository.label("m", "Canary", "2")).hasMessageContaining("label \"Canary\"");
        assertThatThrownBy(() -> repository.label("m", "none", "")).hasMessage("model \"m\" has no label none");
        assertThatThrownBy(() -> repository.unload("m", "1", true))
                .hasMessage("model \"m\" 1 has the label stable; expected a version without labels");
        repository.close();
        assertThat(engine.openSessions()).isZero();
        // The policy alone would not load version 1.
        start();
        assertThat(states()).containsExactly("m 1 READY", "m 2 READY");
        assertThat(status("m/1/bundle.cleave").labels()).containsExactly("stable");
        assertThat(repository.find("m", "stable").version()).isEqualTo("1");
        assertThat(repository.find("m", "canary").version()).isEqualTo("2");
        repository.label("m", "stable", "");
        leave();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
    }

    @Test
    void agentsAreOfferedNothingNewerThanWhatIsStable() throws Exception {
        write("m", 2);
        write("m", 10);
        start(GatewayConfig.builder().versionPolicy(VersionPolicy.ALL));
        ServedModel two = repository.find("m", "2");
        ServedModel ten = repository.find("m", "10");
        assertThat(repository.find("m", "")).isSameAs(ten);
        assertThat(repository.isOffered(two)).isTrue();
        assertThat(repository.isOffered(ten)).isTrue();
        repository.label("m", "stable", "2");
        assertThat(repository.find("m", "")).isSameAs(two);
        assertThat(repository.isOffered(two)).isTrue();
        assertThat(repository.isOffered(ten)).isFalse();
        assertThat(repository.find("m", "11")).isNull();
        assertThat(repository.find("other", "")).isNull();
    }

    @Test
    void aLabelsFileThatIsNoneRefusesTheStart() throws Exception {
        write("m", 1);
        Path labels = Files.createDirectories(models().resolve(".cleave")).resolve("labels.json");
        Files.writeString(labels, "{\"format\": 1, \"labels\": {\"m\": {\"stable\": 3}}}");
        assertThatThrownBy(this::start)
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("labels file " + labels + " has a label \"stable\" of \"m\" that is none");
        Files.writeString(labels, "{\"labels\":");
        assertThatThrownBy(this::start).hasMessageContaining("is not valid JSON");
    }

    @Test
    void whoFindsTheStateFolderTakenServesAllTheSame() throws Exception {
        write("m", 1);
        ModelRepository first = start();
        start();
        assertThat(states()).containsExactly("m 1 READY");
        assertThatThrownBy(() -> repository.label("m", "stable", "1"))
                .hasMessageContaining("labels cannot be kept: another gateway uses");
        first.close();
    }

    @Test
    void inExplicitModeNothingIsLoadedButWhatIsAskedFor() throws Exception {
        write("m", 1);
        write("m", 2);
        TestModel.named("flat").write(models());
        TestModel.named("named").write(models());
        start(GatewayConfig.builder().loadMode(LoadMode.EXPLICIT).loadAtStart(List.of("m:1", "named", "absent")));
        assertThat(states()).containsExactly("  UNLOADED", "m 1 READY", "m 2 UNLOADED", "named 1 READY");
        repository.load("flat", "");
        repository.load("m", "");
        repository.advance();
        assertThat(states()).containsExactly("flat 1 READY", "m 1 READY", "m 2 READY", "named 1 READY");
        repository.unload("m", "1", false);
        repository.advance();
        assertThat(states()).contains("m 1 UNLOADED", "m 2 READY");
        assertThatThrownBy(() -> repository.load("m", "7"))
                .hasMessage("no file of model \"m\" 7 lies in the models directory");
        assertThatThrownBy(() -> repository.unload("m", "7", false)).hasMessage("model \"m\" 7 is not here");
    }

    @Test
    void anExplicitGatewayStartsWithNothing() throws Exception {
        start(GatewayConfig.builder().loadMode(LoadMode.EXPLICIT));
        assertThat(repository.statuses()).isEmpty();
        assertThat(repository.isReady()).isFalse();
    }
}
