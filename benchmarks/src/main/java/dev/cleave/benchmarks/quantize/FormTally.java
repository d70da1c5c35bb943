package dev.cleave.benchmarks.quantize;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Values;
import dev.cleave.benchmarks.quantize.FourForms.Form;
import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What four forms of a model answer to the inputs that are reported on. One thread.
 *
 * <p>Rates are percents of the inputs; those of labels are NaN where nobody knows them.
 */
final class FormTally {
    private final Int8Model model;
    private final List<TensorSpec> outputs;
    private final Agreement agreement;
    private final Map<Form, Integer> agreeing = new EnumMap<>(Form.class);
    private final Map<Form, Integer> right = new EnumMap<>(Form.class);
    private int alike;
    private double floatDifference;

    private FormTally(Int8Model model) {
        this.model = model;
        this.outputs = model.probed().outputs();
        this.agreement = Agreement.forOutputs(outputs);
    }

    static FormTally of(Int8Model model, FourForms forms) throws IOException, EngineException {
        FormTally tally = new FormTally(model);
        for (int i = 0; i < model.report().size(); i++) {
            Map<Form, Map<String, Tensor>> answers = new EnumMap<>(Form.class);
            for (Form form : Form.values()) {
                answers.put(form, forms.session(form).run(model.report().get(i).inputs()));
            }
            tally.count(answers, i);
            answers.forEach((form, made) -> made.forEach(forms.session(form)::recycle));
        }
        return tally;
    }

    private void count(Map<Form, Map<String, Tensor>> answers, int index) {
        Map<String, Tensor> wanted = answers.get(Form.ONNX_FLOAT);
        answers.forEach((form, made) -> {
            agreeing.merge(form, agreement.agrees(outputs, made, wanted) ? 1 : 0, Integer::sum);
            boolean isRight = model.labels().length > 0
                    && Values.argmax(made.get(outputs.get(0).name())) == model.labels()[index];
            right.merge(form, isRight ? 1 : 0, Integer::sum);
        });
        alike += agreement.agrees(outputs, answers.get(Form.TFLITE_INT8), answers.get(Form.ONNX_INT8)) ? 1 : 0;
        for (TensorSpec output : outputs) {
            floatDifference = Math.max(
                    floatDifference,
                    relativeDifference(answers.get(Form.TFLITE_FLOAT).get(output.name()), wanted.get(output.name())));
        }
    }

    /** The largest difference over the largest magnitude of what is wanted. */
    private static double relativeDifference(Tensor made, Tensor wanted) {
        FloatBuffer values = made.data().asFloatBuffer();
        FloatBuffer expected = wanted.data().asFloatBuffer();
        double difference = 0;
        double magnitude = 1e-6;
        for (int at = 0; at < expected.limit(); at++) {
            difference = Math.max(difference, Math.abs((double) expected.get(at) - values.get(at)));
            magnitude = Math.max(magnitude, Math.abs(expected.get(at)));
        }
        return difference / magnitude;
    }

    /** How often a form gives the answer of the float model in ONNX. */
    double agreement(Form form) {
        return percent(agreeing.get(form));
    }

    /** What counts as the same answer. */
    String metric() {
        return agreement.label();
    }

    double top1(Form form) {
        return model.labels().length > 0 ? percent(right.get(form)) : Double.NaN;
    }

    /** How often both forms in integers give the same answer, right or not. */
    double alike() {
        return percent(alike);
    }

    /** Of the forms in float, over all inputs. */
    double floatDifference() {
        return floatDifference;
    }

    private double percent(int count) {
        return 100.0 * count / model.report().size();
    }
}
