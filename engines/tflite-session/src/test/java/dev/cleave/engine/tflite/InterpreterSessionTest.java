package dev.cleave.engine.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class InterpreterSessionTest {
    private final FakeModel model = new FakeModel();

    @Test
    void resizesOnlyWhenAShapeChanges() throws Exception {
        try (Session session = open(Shape.DYNAMIC)) {
            for (int rows : new int[] {1, 1, 2, 2, 1}) {
                session.run(input(rows));
            }
        }
        assertThat(model.log())
                .containsExactly(
                        "1 resized to [1]",
                        "1 ran",
                        "1 ran",
                        "1 resized to [2]",
                        "1 ran",
                        "1 ran",
                        "1 resized to [1]",
                        "1 ran",
                        "1 closed",
                        "model closed");
    }

    @Test
    void preparesForShapesThatNeverChangeWhenItIsOpened() throws Exception {
        open(3).close();
        assertThat(model.log()).containsExactly("1 resized to [3]", "1 closed", "model closed");
    }

    @Test
    void neverUsesAnInterpreterAgainThatFailed() throws Exception {
        try (Session session = open(1)) {
            model.failNext("out of cheese");
            assertThatThrownBy(() -> session.run(input(1)))
                    .isInstanceOf(EngineException.class)
                    .hasMessage("fake: out of cheese");
            session.run(input(1));
        }
        assertThat(model.log())
                .containsExactly(
                        "1 resized to [1]",
                        "1 ran",
                        "1 closed",
                        "2 resized to [1]",
                        "2 ran",
                        "2 closed",
                        "model closed");
    }

    @Test
    void refusesWrongArgumentsWithoutTroublingAnInterpreter() throws Exception {
        try (Session session = open(1)) {
            assertThatThrownBy(() -> session.run(input(2))).hasMessageContaining("expected [1]");
            session.run(input(1));
        }
        assertThat(model.log()).containsExactly("1 resized to [1]", "1 ran", "1 closed", "model closed");
    }

    @Test
    void hasAnInterpreterForEachRunAtOnceAndFreesThemAfterTheLast() throws Exception {
        CountDownLatch entered = new CountDownLatch(3);
        CountDownLatch release = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Session session = open(1);
            model.hold(entered, release);
            List<Future<?>> runs = new ArrayList<>();
            for (int thread = 0; thread < 3; thread++) {
                runs.add(threads.submit(() -> session.run(input(1))));
            }
            entered.await();
            session.close();
            assertThat(model.log()).doesNotContain("model closed");
            assertThatThrownBy(() -> session.run(input(1))).hasMessage("fake: session is closed");
            release.countDown();
            for (Future<?> run : runs) {
                run.get();
            }
            assertThat(model.log())
                    .contains("1 closed", "2 closed", "3 closed")
                    .doesNotContain("4 closed")
                    .endsWith("model closed");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void writesIntoTensorsThatWereGivenBack() throws Exception {
        try (Session session = open(1)) {
            Tensor first = session.run(input(1)).get("y");
            session.recycle("y", first);
            assertThat(session.run(input(1)).get("y")).isSameAs(first);
        }
    }

    private Session open(long size) throws EngineException {
        TfLiteGraph graph = new TfLiteGraph(
                List.of(new TensorSpec("x", ElementType.FLOAT32, Shape.of(size))),
                List.of(new TensorSpec("y", ElementType.FLOAT32, Shape.of(size))),
                false);
        return InterpreterSession.open("fake", graph, model, "cpu", List.of());
    }

    private static Map<String, Tensor> input(int size) {
        return Map.of("x", Tensor.ofFloats(Shape.of(size), new float[size]));
    }
}
