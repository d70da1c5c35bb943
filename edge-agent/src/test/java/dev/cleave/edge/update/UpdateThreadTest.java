package dev.cleave.edge.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class UpdateThreadTest {
    private final List<String> done = new ArrayList<>();
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final UpdateThread thread = new UpdateThread(executor, () -> done.add("recovered"));

    @Test
    void recoversFromWhateverAStepThrows() {
        thread.execute(() -> {
            throw new IllegalStateException("thrown by a test");
        });
        thread.execute(() -> {
            throw new StackOverflowError("thrown by a test");
        });
        thread.execute(() -> done.add("next"));
        thread.end(() -> done.add("last"));
        assertThat(done).containsExactly("recovered", "recovered", "next", "last");
    }

    @Test
    void doesNothingAfterTheEnd() {
        thread.end(() -> done.add("last"));
        thread.execute(() -> done.add("late"));
        assertThat(done).containsExactly("last");
        assertThat(executor.isTerminated()).isTrue();
    }
}
