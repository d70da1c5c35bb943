package dev.cleave.gateway.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.v1.Error;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who ends a request, and when it is released. */
class InferenceTaskTest {
    private static final Outcome ANSWER = Outcome.answer(ByteBuffer.allocate(0), Timing.queued(0));
    private static final Outcome LATE =
            Outcome.refused(new Refusal(Error.Code.DEADLINE_EXCEEDED, "late"), Timing.queued(0));

    private final List<String> told = new ArrayList<>();
    private final InferenceTask task = new InferenceTask(
            1,
            TestTasks.key(1),
            1,
            Entropy.NONE,
            1,
            16,
            0,
            0,
            BatchTask.NO_DEADLINE,
            ByteBuffer.allocate(0),
            new ReplySink() {
                @Override
                public void reply(InferenceTask answered, Outcome outcome) {
                    told.add(outcome.isAnswer() ? "answer" : outcome.refusal().message());
                }

                @Override
                public void released(InferenceTask answered) {
                    told.add("released");
                }
            });

    @Test
    void oneThatRunsIsReleasedAndAnswered() {
        assertThat(task.take()).isTrue();
        assertThat(task.begin()).isTrue();
        assertThat(task.isDone()).isFalse();
        assertThat(task.finish(ANSWER)).isTrue();
        task.letGo();
        assertThat(task.complete(LATE)).isFalse();
        assertThat(told).containsExactly("released", "answer");
        assertThat(task.hadBegun()).isTrue();
    }

    @Test
    void oneThatWaitsIsReleasedAtItsEndAndNeverTaken() {
        assertThat(task.complete(LATE)).isTrue();
        assertThat(task.take()).isFalse();
        assertThat(task.begin()).isFalse();
        task.letGo();
        assertThat(told).containsExactly("released", "late");
        assertThat(task.hadBegun()).isFalse();
    }

    @Test
    void oneThatIsGivenUpInARunIsAnsweredAtOnceAndReleasedAfterIt() {
        task.take();
        task.begin();
        assertThat(task.complete(LATE)).isTrue();
        assertThat(task.isDone()).isTrue();
        assertThat(task.complete(ANSWER)).isFalse();
        assertThat(task.finish(ANSWER)).isFalse();
        assertThat(told).containsExactly("late");
        assertThat(task.hadBegun()).isTrue();
        task.letGo();
        task.letGo();
        assertThat(told).containsExactly("late", "released");
    }

    @Test
    void oneThatIsGivenUpWhileItIsDecodedNeverRuns() {
        task.take();
        assertThat(task.complete(LATE)).isTrue();
        assertThat(task.begin()).isFalse();
        assertThat(task.hadBegun()).isFalse();
        task.letGo();
        assertThat(told).containsExactly("late", "released");
    }
}
