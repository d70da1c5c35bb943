package dev.cleave.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link Engine} must do. An engine's test extends this and supplies the graphs in the engine's format. */
public abstract class EngineContractTest {
    private static final Map<String, Tensor> NONE = Collections.emptyMap();
    private static final long MILLIS = 1_000_000;

    protected abstract Engine engine() throws EngineException;

    /** Input {@code x float32 [?,4]}, output {@code y float32 [?,4]} = 2x + 1. */
    protected abstract GraphSource affine();

    /** The element types that the engine's tensors can have; the others are refused when a graph is loaded. */
    protected Set<ElementType> types() {
        return EnumSet.allOf(ElementType.class);
    }

    /** Input {@code x TYPE [?,2]}, output {@code y TYPE [?,2]} = x, bit by bit. */
    protected abstract GraphSource copy(ElementType type);

    /** Inputs {@code a, b float32 [2,3]}, outputs {@code sum} = a + b and {@code double} = 2a, both {@code [2,3]}. */
    protected abstract GraphSource twoByTwo();

    /** Input {@code s float32 []}, output {@code t float32 []} = s + 1. */
    protected abstract GraphSource scalar();

    /** Input {@code x float32 [1]}, output {@code y float32 [1]}; never ends by itself. */
    protected abstract GraphSource endless();

    /** Bytes that are no graph. */
    protected abstract GraphSource broken();

    @Test
    void reportsInputsAndOutputsInTheGraphsOrder() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(twoByTwo(), SessionOptions.defaults())) {
            assertThat(session.inputs()).containsExactly(floats("a", 2, 3), floats("b", 2, 3));
            assertThat(session.outputs()).containsExactly(floats("sum", 2, 3), floats("double", 2, 3));
            assertThat(session.provider()).isEqualTo("cpu");
            assertThat(session.refusedProviders()).isEmpty();
            assertThat(engine.name()).isNotEmpty();
            assertThat(engine.version()).isNotEmpty();
        }
    }

    @Test
    void reportsOpenDimensionsAsDynamicAndTakesAnySizeThere() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            assertThat(session.inputs()).containsExactly(floats("x", Shape.DYNAMIC, 4));
            assertThat(session.outputs()).containsExactly(floats("y", Shape.DYNAMIC, 4));
            for (int rows : new int[] {1, 7, 3, 1}) {
                Tensor x = counting(rows, 4);
                Tensor y = session.run(Map.of("x", x)).get("y");
                assertThat(y.shape()).isEqualTo(Shape.of(rows, 4));
                assertAffine(x, y);
            }
        }
    }

    @Test
    void returnsEveryOutputInTheGraphsOrder() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(twoByTwo(), SessionOptions.defaults())) {
            Map<String, Tensor> outputs = session.run(Map.of("b", counting(2, 3), "a", counting(2, 3)));
            assertThat(outputs.keySet()).containsExactly("sum", "double");
            assertThat(outputs.get("sum").data())
                    .isEqualTo(outputs.get("double").data());
            assertThat(outputs.get("sum").data().getFloat(20)).isEqualTo(10f);
        }
    }

    @Test
    void writesPinnedOutputsInPlaceAndAllocatesTheOthers() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(twoByTwo(), SessionOptions.defaults())) {
            Map<String, Tensor> inputs = Map.of("a", counting(2, 3), "b", counting(2, 3));
            Tensor pinned = Tensor.allocate(ElementType.FLOAT32, Shape.of(2, 3));
            Map<String, Tensor> first = session.run(inputs, Map.of("sum", pinned), 0);
            assertThat(first.get("sum")).isSameAs(pinned);
            assertThat(pinned.data().getFloat(20)).isEqualTo(10f);
            Map<String, Tensor> second = session.run(inputs, Map.of("sum", pinned), 0);
            second.get("double").data().putFloat(0, -1f);
            assertThat(first.get("double").data().getFloat(0)).isEqualTo(0f);
        }
    }

    @Test
    void writesAPinnedOutputIntoRowsOfALargerTensorAndNowhereElse() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            Tensor batch = Tensor.ofFloats(Shape.of(4, 4), new float[16]);
            Tensor x = counting(4, 4);
            session.run(Map.of("x", x.rows(1, 2)), Map.of("y", batch.rows(1, 2)), 0);
            assertAffine(x.rows(1, 2), batch.rows(1, 2));
            for (int untouched : new int[] {0, 3}) {
                assertThat(batch.rows(untouched, 1).data())
                        .isEqualTo(Tensor.allocate(ElementType.FLOAT32, Shape.of(4))
                                .data());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void carriesEveryElementTypeBitByBit(ElementType type) throws Exception {
        assumeTrue(types().contains(type), "the engine does not have the type");
        byte[] bytes = new byte[3 * 2 * type.bytes()];
        new Random(type.onnxCode()).nextBytes(bytes);
        if (type == ElementType.BOOL) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] &= 1;
            }
        }
        Tensor x = Tensor.ofBytes(type, Shape.of(3, 2), bytes);
        try (Engine engine = engine();
                Session session = engine.load(copy(type), SessionOptions.defaults())) {
            assertThat(session.inputs().get(0).type()).isEqualTo(type);
            Tensor y = session.run(Map.of("x", x)).get("y");
            assertThat(y.type()).isEqualTo(type);
            assertThat(y.data()).isEqualTo(x.data());
            Tensor pinned = Tensor.allocate(type, Shape.of(3, 2));
            session.run(Map.of("x", x), Map.of("y", pinned), 0);
            assertThat(pinned.data()).isEqualTo(x.data());
        }
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void refusesTypesThatItDoesNotHaveByTheTensorsName(ElementType type) throws Exception {
        assumeFalse(types().contains(type), "the engine has the type");
        try (Engine engine = engine()) {
            assertThatThrownBy(() -> engine.load(copy(type), SessionOptions.defaults()))
                    .isInstanceOf(EngineException.class)
                    .hasMessageStartingWith(copy(type).label() + ": ")
                    .hasMessageContaining("\"x\"")
                    .hasMessageContaining(type.jsonName())
                    .hasMessageNotContaining("\n");
        }
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void acceptsTensorsWithoutElements(ElementType type) throws Exception {
        assumeTrue(types().contains(type), "the engine does not have the type");
        try (Engine engine = engine();
                Session session = engine.load(copy(type), SessionOptions.defaults())) {
            Tensor x = Tensor.allocate(type, Shape.of(0, 2));
            Tensor y = session.run(Map.of("x", x)).get("y");
            assertThat(y.shape()).isEqualTo(Shape.of(0, 2));
            Tensor pinned = Tensor.allocate(type, Shape.of(0, 2));
            assertThat(session.run(Map.of("x", x), Map.of("y", pinned), 0).get("y"))
                    .isSameAs(pinned);
        }
    }

    @Test
    void acceptsScalars() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(scalar(), SessionOptions.defaults())) {
            assertThat(session.inputs().get(0).shape()).isEqualTo(Shape.of());
            Tensor t = session.run(Map.of("s", Tensor.ofFloats(Shape.of(), 4f))).get("t");
            assertThat(t.shape()).isEqualTo(Shape.of());
            assertThat(t.data().getFloat(0)).isEqualTo(5f);
        }
    }

    @Test
    void namesWhatIsWrongWithItsArguments() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            Tensor good = counting(1, 4);
            Tensor ints = Tensor.ofInts(Shape.of(1, 4), 1, 2, 3, 4);
            assertRefused(session, Map.of(), NONE, "input \"x\" is missing");
            assertRefused(session, Map.of("x", good, "z", good), NONE, "\"z\" is unknown");
            assertRefused(session, Map.of("x", ints), NONE, "\"x\" is int32; expected float32");
            assertRefused(session, Map.of("x", counting(1, 5)), NONE, "\"x\" has shape [1,5]; expected [?,4]");
            assertRefused(session, Map.of("x", counting(4)), NONE, "\"x\" has shape [4]; expected [?,4]");
            assertRefused(session, Map.of("x", good), Map.of("q", good), "pinned output \"q\" is unknown");
            assertRefused(session, Map.of("x", good), Map.of("y", ints), "\"y\" is int32; expected float32");
            assertRefused(session, Map.of("x", good), Map.of("y", counting(2, 4)), "\"y\" has shape [1,4]");
            assertAffine(good, session.run(Map.of("x", good)).get("y"));
        }
    }

    @Test
    void endsARunWhoseTimeIsUpAndStaysUsable() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(endless(), SessionOptions.defaults())) {
            Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(Shape.of(1), 1f));
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> session.run(inputs, NONE, 20 * MILLIS))
                        .isInstanceOf(RunTimeoutException.class)
                        .hasMessageStartingWith(endless().label() + ": ")
                        .hasMessageNotContaining("\n");
            }
            assertThatThrownBy(() -> session.run(inputs, NONE, -1)).isInstanceOf(RunTimeoutException.class);
        }
    }

    @Test
    void doesNotEndARunThatIsInTime() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            Tensor x = counting(2, 4);
            assertAffine(
                    x, session.run(Map.of("x", x), NONE, 3_600_000 * MILLIS).get("y"));
        }
    }

    @Test
    void runsInSeveralThreadsAtOnceWithoutMixingThemUp() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Engine engine = engine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                Tensor x = counting(thread + 1, 4);
                x.data().putFloat(0, 100f * thread);
                done.add(threads.submit(() -> {
                    Tensor pinned = Tensor.allocate(ElementType.FLOAT32, x.shape());
                    for (int run = 0; run < 200; run++) {
                        assertAffine(x, session.run(Map.of("x", x)).get("y"));
                        session.run(Map.of("x", x), Map.of("y", pinned), 0);
                        assertAffine(x, pinned);
                    }
                    return null;
                }));
            }
            for (Future<?> future : done) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void keepsNoTensorAfterTheRun() throws Exception {
        try (Engine engine = engine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            Tensor x = counting(1, 4);
            Tensor y = session.run(Map.of("x", x)).get("y");
            x.data().putFloat(0, 50f);
            assertThat(y.data().getFloat(0)).isEqualTo(1f);
            assertAffine(x, session.run(Map.of("x", x)).get("y"));
            assertThat(y.data().getFloat(0)).isEqualTo(1f);
        }
    }

    @Test
    void outputsOutliveTheSession() throws Exception {
        Tensor x = counting(3, 4);
        Tensor y;
        try (Engine engine = engine();
                Session session = engine.load(affine(), SessionOptions.defaults())) {
            y = session.run(Map.of("x", x)).get("y");
        }
        assertAffine(x, y);
    }

    @Test
    void closesTwiceAndRefusesToRunAfterwards() throws Exception {
        try (Engine engine = engine()) {
            Session session = engine.load(affine(), SessionOptions.defaults());
            session.close();
            session.close();
            assertRefused(session, Map.of("x", counting(1, 4)), NONE, "closed");
            assertThat(session.inputs()).hasSize(1);
        }
    }

    @Test
    void refusesWhatIsNoGraphByItsLabel() throws Exception {
        try (Engine engine = engine()) {
            assertThatThrownBy(() -> engine.load(broken(), SessionOptions.defaults()))
                    .isInstanceOf(EngineException.class)
                    .hasMessageStartingWith(broken().label() + ": ")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void tellsWhichProvidersNoGraphCanHave() throws Exception {
        try (Engine engine = engine()) {
            assertThat(engine.unavailableReason("cpu")).isNull();
            assertThat(engine.unavailableReason("no-such-provider")).isNotBlank();
        }
    }

    @Test
    void fallsBackToTheCpuAndKeepsTheReason() throws Exception {
        SessionOptions options = SessionOptions.defaults().withProviders(List.of("no-such-provider", "cpu"));
        try (Engine engine = engine();
                Session session = engine.load(affine(), options)) {
            assertThat(session.provider()).isEqualTo("cpu");
            assertThat(session.refusedProviders()).hasSize(1);
            assertThat(session.refusedProviders().get(0))
                    .startsWith("no-such-provider: ")
                    .doesNotContain("\n");
        }
    }

    @Test
    void tellsTheTimesOfOperatorsRunByRunOrSaysThatItDoesNot() throws Exception {
        Map<String, Tensor> inputs = Map.of("x", counting(2, 4));
        try (Engine engine = engine()) {
            List<List<OperatorTime>> runs = engine.profile(affine(), SessionOptions.defaults(), inputs, 3);
            assertThat(runs).hasSize(3).allSatisfy(run -> {
                assertThat(names(run)).isNotEmpty().isEqualTo(names(runs.get(0)));
                assertThat(run).allSatisfy(time -> {
                    assertThat(time.operator()).isNotEmpty();
                    assertThat(time.nanos()).isNotNegative();
                });
            });
            assertThatThrownBy(() -> engine.profile(affine(), SessionOptions.defaults(), Map.of(), 1))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("input \"x\" is missing");
            assertThatThrownBy(() -> engine.profile(broken(), SessionOptions.defaults(), inputs, 1))
                    .isInstanceOf(EngineException.class)
                    .hasMessageStartingWith(broken().label() + ": ");
        } catch (EngineException refused) {
            assertThat(refused)
                    .hasMessage(
                            affine().label() + ": engine " + engine().name() + " does not tell the times of operators");
        }
    }

    private static List<String> names(List<OperatorTime> run) {
        return run.stream().map(OperatorTime::node).toList();
    }

    private static void assertRefused(
            Session session, Map<String, Tensor> inputs, Map<String, Tensor> pinned, String expected) {
        assertThatThrownBy(() -> session.run(inputs, pinned, 0))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(expected)
                .hasMessageNotContaining("\n");
    }

    private static void assertAffine(Tensor x, Tensor y) {
        assertThat(y.shape()).isEqualTo(x.shape());
        for (int at = 0; at < x.bytes(); at += 4) {
            assertThat(y.data().getFloat(at)).isEqualTo(2 * x.data().getFloat(at) + 1);
        }
    }

    /** 0, 1, 2 ... */
    private static Tensor counting(long... dims) {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, Shape.of(dims));
        for (int i = 0; i < tensor.elements(); i++) {
            tensor.data().putFloat(4 * i, i);
        }
        return tensor;
    }

    private static TensorSpec floats(String name, long... dims) {
        return new TensorSpec(name, ElementType.FLOAT32, Shape.of(dims));
    }
}
