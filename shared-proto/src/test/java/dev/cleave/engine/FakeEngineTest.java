package dev.cleave.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FakeEngineTest extends EngineContractTest {
    @Override
    protected Engine engine() {
        return new FakeEngine();
    }

    @Override
    protected GraphSource affine() {
        return FakeEngine.graph("affine", "input x float32 [?,4]", "output y float32 [?,4] = affine x 2 1");
    }

    @Override
    protected GraphSource copy(ElementType type) {
        String name = type.jsonName();
        return FakeEngine.graph("copy", "input x " + name + " [?,2]", "output y " + name + " [?,2] = copy x");
    }

    @Override
    protected GraphSource twoByTwo() {
        return FakeEngine.graph(
                "two",
                "input a float32 [2,3]",
                "input b float32 [2,3]",
                "output sum float32 [2,3] = sum a b",
                "output double float32 [2,3] = affine a 2 0");
    }

    @Override
    protected GraphSource scalar() {
        return FakeEngine.graph("scalar", "input s float32 []", "output t float32 [] = affine s 1 1");
    }

    @Override
    protected GraphSource endless() {
        return FakeEngine.graph("endless", "input x float32 [1]", "output y float32 [1] = copy x", "endless");
    }

    @Override
    protected GraphSource broken() {
        return FakeEngine.graph("broken", "input x");
    }

    @Test
    void givesTheDeclaredCostToTheSleeper() throws Exception {
        AtomicLong nanos = new AtomicLong();
        GraphSource graph = FakeEngine.graph(
                "costly", "input x float32 [?]", "output y float32 [?] = affine x 3 0", "cost 1000 10");
        try (FakeEngine engine = new FakeEngine(nanos::addAndGet);
                Session session = engine.load(graph, SessionOptions.defaults())) {
            Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(Shape.of(5), 1, 2, 3, 4, 5));
            session.run(inputs);
            assertThat(nanos).hasValue(1050);
            assertThatThrownBy(() -> session.run(inputs, Collections.emptyMap(), 1049))
                    .isInstanceOf(RunTimeoutException.class);
            assertThat(nanos).hasValue(1050 + 1049);
            assertThat(engine.runs()).containsExactly(new FakeEngine.Run("costly", 5), new FakeEngine.Run("costly", 5));
        }
    }

    @Test
    void sharesTheDeclaredCostAmongItsOperators() throws Exception {
        GraphSource graph = FakeEngine.graph(
                "two",
                "input x float32 [?]",
                "output y float32 [?] = affine x 3 0",
                "output z float32 [?] = copy y",
                "cost 1000 10");
        try (FakeEngine engine = new FakeEngine()) {
            Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(Shape.of(2), 1, 2));
            assertThat(engine.profile(graph, SessionOptions.defaults(), inputs, 2))
                    .hasSize(2)
                    .allSatisfy(run -> assertThat(run)
                            .containsExactly(new OperatorTime("y", "affine", 510), new OperatorTime("z", "copy", 510)));
            assertThat(engine.openSessions()).isZero();
        }
    }

    @Test
    void holdsRunsUntilTheyAreReleased() throws Exception {
        try (FakeEngine engine = new FakeEngine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(Shape.of(1, 4), 1, 2, 3, 4));
            engine.hold();
            CompletableFuture<Map<String, Tensor>> run = CompletableFuture.supplyAsync(() -> {
                try {
                    return session.run(inputs);
                } catch (EngineException e) {
                    throw new IllegalStateException(e);
                }
            });
            engine.awaitHeld(1);
            assertThat(run).isNotDone();
            engine.release();
            assertThat(run.get().get("y").data().getFloat(12)).isEqualTo(9f);
        }
    }

    @Test
    void failsOnDemandOnce() throws Exception {
        try (FakeEngine engine = new FakeEngine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(Shape.of(1, 4), 1, 2, 3, 4));
            engine.failNext("out of cheese");
            assertThatThrownBy(() -> session.run(inputs)).hasMessage("affine: out of cheese");
            assertThat(session.run(inputs)).containsKey("y");
        }
    }

    @Test
    void countsOpenSessions() throws Exception {
        FakeEngine engine = new FakeEngine();
        Session session = engine.load(affine(), SessionOptions.defaults());
        assertThat(engine.openSessions()).isEqualTo(1);
        session.close();
        session.close();
        assertThat(engine.openSessions()).isZero();
        engine.close();
    }
}
