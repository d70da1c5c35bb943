package dev.cleave.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private final PrintStream realErr = System.err;

    @AfterEach
    void restore() {
        System.setErr(realErr);
        Logging.configure(0, false);
    }

    @Test
    void onlyWarningsByDefault() {
        assertThat(logged(0)).contains("gateway: slow").doesNotContain("batch", "noise", "\tat ", "queue");
    }

    @Test
    void whatIsDoneWithOneFlag() {
        assertThat(logged(1)).contains("gateway: slow", "batch of 4").doesNotContain("noise", "queue");
    }

    @Test
    void everythingWithTwoFlags() {
        assertThat(logged(2)).contains("gateway: slow", "batch of 4", "queue", "\tat ");
    }

    @Test
    void bridgesTheLoggingOfTheAndroidBoundModules() {
        assertThat(captured(0, () -> {
                    java.util.logging.Logger agent = java.util.logging.Logger.getLogger("dev.cleave.edge");
                    agent.log(Level.WARNING, "link lost");
                    agent.log(Level.INFO, "link is back");
                }))
                .contains("WARN", "edge: link lost")
                .doesNotContain("link is back");
    }

    private static String logged(int verbosity) {
        return captured(verbosity, () -> {
            org.slf4j.Logger own = LoggerFactory.getLogger("dev.cleave.gateway");
            own.warn("slow", new IllegalStateException("why"));
            own.info("batch of 4");
            own.debug("queue");
            LoggerFactory.getLogger("io.netty.channel").warn("noise");
        });
    }

    private static String captured(int verbosity, Runnable action) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        Logging.configure(verbosity, false);
        action.run();
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
