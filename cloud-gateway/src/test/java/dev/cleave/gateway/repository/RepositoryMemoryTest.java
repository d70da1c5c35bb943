package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import org.junit.jupiter.api.Test;

/** What is loaded where there is not room for all. */
class RepositoryMemoryTest extends RepositoryFixture {
    @Test
    void refusesByNameWhatDoesNotFitAndLoadsItWhenThereIsRoom() throws Exception {
        TestModel.named("a").write(models());
        start(GatewayConfig.builder().modelMemory(ONE_MODEL + ONE_MODEL / 2));
        TestModel.named("b").write(models());
        settle();
        assertThat(states()).containsExactly("a 1 READY", "b 1 FAILED");
        assertThat(status("b.cleave").reason())
                .isEqualTo("model \"b\" 1 needs about 24 MiB; 13 MiB of 38 MiB are free");
        settle();
        assertThat(engine.openSessions()).isEqualTo(3);
        repository.unload("a", "", false);
        repository.advance();
        assertThat(states()).containsExactly("a 1 UNLOADED", "b 1 READY");
    }

    private static String meter(String model, int version) {
        return "cleave_queue_requests{model=\"" + model + "\",version=\"" + version + "\"}";
    }

    @Test
    void aVersionThatIsUnloadedOrDidNotComeToBeLeavesNoMeters() throws Exception {
        write("m", 1);
        write("n", 1);
        start(GatewayConfig.builder().modelMemory(3 * ONE_MODEL).versionPolicy(VersionPolicy.ALL));
        growth = 4 * ONE_MODEL;
        write("m", 2);
        TestModel.named("n").withWidth(8).write(models());
        settle();
        assertThat(status("m/2/bundle.cleave").reason()).contains("took about");
        assertThat(status("n.cleave").reason()).contains("took about");
        assertThat(metrics.scrape())
                .contains(meter("m", 1))
                .contains(meter("n", 1))
                .doesNotContain("version=\"2\"");
        repository.unload("m", "1", false);
        repository.advance();
        repository.advance();
        assertThat(metrics.scrape()).contains(meter("n", 1)).doesNotContain("model=\"m\"");
    }

    @Test
    void letsAnIdleOldVersionGoFirstWhereThereIsNoRoomForBoth() throws Exception {
        write("m", 1);
        start(GatewayConfig.builder().modelMemory(ONE_MODEL + ONE_MODEL / 2));
        ServedModel old = repository.find("m", "1");
        Stream stream = new Stream(old);
        write("m", 2);
        settle();
        assertThat(states()).containsExactly("m 1 READY", "m 2 FAILED");
        old.closed(stream);
        repository.advance();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
    }

    @Test
    void countsWhatLoadingTookButNoLessThanAQuarterOfTheGuessAndNoMoreThanFourTimes() throws Exception {
        assertThat(VersionWork.took(100, -1, -1)).isEqualTo(100);
        assertThat(VersionWork.took(100, 1000, 1150)).isEqualTo(150);
        assertThat(VersionWork.took(100, 1000, 900)).isEqualTo(25);
        assertThat(VersionWork.took(100, 1000, 9000)).isEqualTo(400);
    }
}
