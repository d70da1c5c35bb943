package dev.cleave.edge.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CompatibilityTest {
    private static final TensorSpec X = spec("x", 4);
    private static final TensorSpec Y = spec("y", 2);
    private static final TensorSpec Z = spec("z", 2);

    /** What of a contract an application relies on. */
    private static final class Described {
        String name = "model";
        List<TensorSpec> inputs = List.of(X);
        List<TensorSpec> outputs = List.of(Y);
        List<String> labels = List.of("a", "b");
        Preprocessing preprocessing = Preprocessing.parse("{\"input\":\"x\",\"scale\":1}");
        int maxBatch = 8;
        List<StateTensor> state = List.of();
        int privacyFloor = 1;

        Contract contract() {
            return new Contract(
                    name,
                    "1",
                    "00",
                    "fp32",
                    "fp32",
                    inputs,
                    outputs,
                    List.of(),
                    labels,
                    preprocessing,
                    maxBatch,
                    "",
                    Collections.emptyList(),
                    state,
                    privacyFloor,
                    Collections.emptyList(),
                    Collections.emptyList());
        }
    }

    private static TensorSpec spec(String name, long width) {
        return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.BATCH, width));
    }

    private static String refusal(Consumer<Described> change) {
        Described offered = new Described();
        change.accept(offered);
        return Compatibility.refusal(new Described().contract(), new Described().contract(), offered.contract());
    }

    @Test
    void takesWhatTheApplicationCannotTellApart() {
        assertThat(refusal(same -> {})).isNull();
        assertThat(refusal(more -> more.outputs = List.of(Y, Z))).isNull();
        assertThat(refusal(more -> more.maxBatch = 16)).isNull();
        assertThat(refusal(other -> other.labels = List.of("b", "a"))).isNull();
        assertThat(refusal(later -> later.privacyFloor = 2)).isNull();
    }

    @Test
    void namesWhatHasChanged() {
        assertThat(refusal(other -> other.name = "toy")).isEqualTo("it is the model \"toy\"; expected \"model\"");
        assertThat(refusal(wider -> wider.inputs = List.of(spec("x", 5))))
                .isEqualTo("its inputs are [x:float32[N,5]]; expected [x:float32[N,4]]");
        assertThat(refusal(more -> more.inputs = List.of(X, Z))).startsWith("its inputs are [x");
        assertThat(refusal(other -> other.outputs = List.of(Z, Y))).startsWith("its outputs are [z");
        assertThat(refusal(fewer -> fewer.outputs = List.of())).startsWith("its outputs are []");
        assertThat(refusal(none -> none.preprocessing = null))
                .isEqualTo("it takes no pictures for input \"x\"; expected that it does");
        assertThat(refusal(fewer -> fewer.maxBatch = 1)).isEqualTo("it takes 1 rows at most; expected 8");
        assertThat(refusal(none -> none.labels = List.of())).isEqualTo("it has no labels; expected some");
        assertThat(refusal(open -> open.privacyFloor = 0))
                .isEqualTo("it lets inputs leave the device; expected a privacy floor, as before");
    }
}
