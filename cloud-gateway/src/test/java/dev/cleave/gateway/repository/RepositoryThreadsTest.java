package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The threads that look after a directory, at which Errors are thrown. */
class RepositoryThreadsTest {
    @TempDir
    Path models;

    /** Looks at the clock that throw. */
    private final AtomicInteger faults = new AtomicInteger();

    private long time() {
        if (faults.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new OutOfMemoryError("fake");
        }
        return System.nanoTime();
    }

    private Holdings holdings() {
        return new Holdings(
                GatewayConfig.builder().modelsDirectory(models).build().lifecycle(), Labels.NONE, 0);
    }

    /** Of a directory in which there is nothing to do. */
    private RepositoryLoop loop(Holdings holdings) {
        return new RepositoryLoop(new ModelFolder(models), holdings, null, RepositoryListener.NONE, this::time, 0);
    }

    @Test
    void goOnAfterErrors() throws Exception {
        faults.set(10);
        CountDownLatch stepped = new CountDownLatch(1);
        Holdings holdings = holdings();
        RepositoryThreads threads =
                new RepositoryThreads(loop(holdings), holdings, Duration.ofMillis(1), stepped::countDown);
        threads.start();
        assertThat(stepped.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(faults).hasValue(0);
        holdings.close();
        threads.stop();
        threads.awaitEnd();
    }

    @Test
    void aLookThatThrowsIsTheDirectorysTroubleUntilTheNextOne() {
        Holdings holdings = holdings();
        RepositoryLoop loop = loop(holdings);
        faults.set(1);
        loop.look();
        assertThat(holdings.trouble())
                .isEqualTo("cannot be read (java.lang.OutOfMemoryError: fake); what is served stays");
        loop.look();
        assertThat(holdings.trouble()).isEmpty();
    }
}
