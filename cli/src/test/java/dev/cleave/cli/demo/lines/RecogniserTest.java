package dev.cleave.cli.demo.lines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecogniserTest {
    private static final int LINES = 60;

    @Test
    void readsTheTextOfNearlyAllLinesRight() throws Exception {
        List<Line> lines;
        try (LineRenderer renderer = new LineRenderer()) {
            lines = renderer.lines(LINES, 11);
        }
        byte[] onnx = Recogniser.onnx();
        CtcText ctc = CtcText.ofModel(onnx);
        Preprocessing preprocessing = Recogniser.preprocessing();
        long right = 0;
        try (Engine engine = Engines.create("onnxruntime");
                Session session = engine.load(new GraphSource("recogniser", onnx), SessionOptions.defaults())) {

            for (Line line : lines) {
                Tensor input =
                        preprocessing.apply(line.picture(), session.inputs().get(0));
                Tensor output = session.run(Map.of(Recogniser.INPUT, input)).get(Recogniser.OUTPUT);
                right += ctc.decode(bestClasses(output, ctc.classes())).equals(line.text()) ? 1 : 0;
            }
        }
        assertThat(right).isGreaterThanOrEqualTo(LINES * 9 / 10);
    }

    private static long[] bestClasses(Tensor output, int classes) {
        assertThat(output.shape().dim(2)).isEqualTo(classes);
        FloatBuffer scores = output.data().asFloatBuffer();
        long[] best = new long[(int) output.shape().dim(1)];
        for (int step = 0; step < best.length; step++) {
            int from = step * classes;
            for (int i = 1; i < classes; i++) {
                best[step] = scores.get(from + i) > scores.get(from + (int) best[step]) ? i : best[step];
            }
        }
        return best;
    }
}
