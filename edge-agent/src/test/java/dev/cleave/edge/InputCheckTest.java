package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.bundle.Contract;
import dev.cleave.picture.Picture;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InputCheckTest {
    private static final Tensor TWO_ROWS = Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4);
    private static final Picture PICTURE = new Picture(1, 1, new byte[3]);

    private final Contract contract =
            contract(8, false, spec("x", ElementType.FLOAT32), spec("mask", ElementType.INT32));

    private static TensorSpec spec(String name, ElementType type) {
        return new TensorSpec(name, type, Shape.of(Shape.BATCH, 2));
    }

    private static Contract contract(int maxBatch, boolean pictures, TensorSpec... inputs) {
        return new Contract(
                "m",
                "1",
                "",
                "fp32",
                "fp32",
                Arrays.asList(inputs),
                Collections.emptyList(),
                Collections.emptyList(),
                Collections.emptyList(),
                pictures ? AffineModel.grey() : null,
                maxBatch,
                "",
                Collections.emptyList(),
                Collections.emptyList(),
                0,
                Collections.emptyList(),
                Collections.emptyList());
    }

    private static Map<String, Tensor> fitting() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("x", TWO_ROWS);
        inputs.put("mask", Tensor.ofInts(Shape.of(2, 2), 1, 1, 0, 0));
        return inputs;
    }

    private void assertRefuses(Contract by, InferenceInput input, String message) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> new InputCheck(by, true).rows(input))
                .withMessage(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(InferenceException.Reason.MALFORMED_INPUT));
    }

    @Test
    void countsTheRowsOfInputThatFits() throws Exception {
        assertThat(new InputCheck(contract, true).rows(InferenceInput.of(fitting())))
                .isEqualTo(2);
    }

    @Test
    void inputWithoutABatchDimensionIsOneRow() throws Exception {
        TensorSpec fixed = new TensorSpec("x", ElementType.FLOAT32, Shape.of(2, 2));
        InferenceInput input = InferenceInput.of("x", TWO_ROWS);
        assertThat(new InputCheck(contract(1, false, fixed), true).rows(input)).isEqualTo(1);
    }

    @Test
    void refusesAMissingInput() {
        assertRefuses(
                contract, InferenceInput.of("x", TWO_ROWS), "input \"mask\" is missing; expected mask:int32[N,2]");
    }

    @Test
    void refusesATensorThatIsNoInput() {
        Map<String, Tensor> inputs = fitting();
        inputs.put("z", TWO_ROWS);
        assertRefuses(
                contract,
                InferenceInput.of(inputs),
                "tensor \"z\" is no input of the model; expected [x:float32[N,2], mask:int32[N,2]]");
    }

    @Test
    void refusesAnotherType() {
        Map<String, Tensor> inputs = fitting();
        inputs.put("mask", TWO_ROWS);
        assertRefuses(contract, InferenceInput.of(inputs), "tensor \"mask\" is float32; expected int32");
    }

    @Test
    void refusesAnotherShape() {
        Map<String, Tensor> inputs = fitting();
        inputs.put("x", Tensor.ofFloats(Shape.of(4), 1, 2, 3, 4));
        assertRefuses(contract, InferenceInput.of(inputs), "tensor \"x\" has shape [4]; expected [N,2]");
    }

    @Test
    void refusesUnequalRows() {
        Map<String, Tensor> inputs = fitting();
        inputs.put("mask", Tensor.ofInts(Shape.of(1, 2), 1, 1));
        assertRefuses(
                contract, InferenceInput.of(inputs), "tensor \"mask\" has 1 rows; expected 2 as the inputs before it");
    }

    @Test
    void refusesNoRowsAndTooMany() {
        Contract one = contract(1, false, spec("x", ElementType.FLOAT32));
        assertRefuses(one, InferenceInput.of("x", TWO_ROWS), "request has 2 rows; expected 1 to 1");
        assertRefuses(
                one, InferenceInput.of("x", Tensor.ofFloats(Shape.of(0, 2))), "request has 0 rows; expected 1 to 1");
    }

    @Test
    void refusesNaNUnlessToldOtherwise() throws Exception {
        Contract one = contract(8, false, spec("x", ElementType.FLOAT32));
        InferenceInput input = InferenceInput.of("x", Tensor.ofFloats(Shape.of(1, 2), 1, Float.NaN));
        assertRefuses(one, input, "tensor \"x\" is NaN at element 1; expected finite values");
        assertThat(new InputCheck(one, false).rows(input)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
    void findsInfinityInEveryFloatingType(ElementType type) {
        Tensor tensor = Tensor.allocate(type, Shape.of(1, 2));
        int last = 2 * type.bytes() - 1;
        tensor.data().put(last, (byte) 0xff).put(last - 1, (byte) (type == ElementType.FLOAT16 ? 0 : 0x80));
        tensor.data().put(last, (byte) (type == ElementType.FLOAT16 ? 0xfc : 0xff));
        if (type == ElementType.FLOAT64) {
            tensor.data().put(last - 1, (byte) 0xf0);
        }
        assertRefuses(
                contract(8, false, spec("x", type)),
                InferenceInput.of("x", tensor),
                "tensor \"x\" is -Infinity at element 1; expected finite values");
    }

    @Test
    void refusesPicturesWithoutPreprocessing() {
        assertRefuses(
                contract(8, false, spec("x", ElementType.FLOAT32)),
                InferenceInput.of(PICTURE),
                "bundle has no preprocessing for pictures; expected tensors for [x:float32[N,2]]");
    }

    @Test
    void picturesAreRowsAndGoWithTensorsForTheOtherInputs() throws Exception {
        Contract by = contract(8, true, spec("x", ElementType.FLOAT32), spec("mask", ElementType.INT32));
        Map<String, Tensor> mask = fitting();
        mask.remove("x");
        assertThat(new InputCheck(by, true).rows(new InferenceInput(mask, Arrays.asList(PICTURE, PICTURE))))
                .isEqualTo(2);
        assertRefuses(
                by,
                new InferenceInput(mask, Collections.singletonList(PICTURE)),
                "tensor \"mask\" has 2 rows; expected 1 as the inputs before it");
        assertRefuses(
                by,
                new InferenceInput(fitting(), Collections.singletonList(PICTURE)),
                "input \"x\" is given as a tensor and as pictures; expected one of them");
    }
}
