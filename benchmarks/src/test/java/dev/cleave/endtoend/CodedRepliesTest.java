package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.partition.reply.ReplyChoice;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an agent gets back from a gateway process for each way of coding replies: tensors of the model's own type and shape. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CodedRepliesTest {
    private static final int ROWS = 3;
    private static final int CLASSES = ExactModels.CLASSES;

    @TempDir
    private static Path temporary;

    private static final Map<String, SplitModel> MODELS = new HashMap<>();

    @AutoClose
    private static GatewayProcess gateway;

    @BeforeAll
    static void serveOneModelPerCodec() throws Exception {
        Path served = Files.createDirectories(temporary.resolve("all"));
        for (String codec : List.of("raw", "fp16", "quant:256", "topk:3")) {
            String name = codec.replace(':', '-');
            SplitModel model = SplitModel.classifier(
                    temporary.resolve(name), name, 1, List.of(ReplyChoice.parse(ExactModels.OUTPUT + "=" + codec)));
            MODELS.put(codec, model);
            Files.copy(model.bundle().file(), served.resolve(name + ".cleave"));
        }
        gateway = GatewayProcess.start(served);
    }

    @AfterAll
    static void closeModels() {
        MODELS.values().forEach(SplitModel::close);
    }

    /** Three rows within the range of the calibration rows, none of their outputs a half. */
    private static Tensor input() {
        float[] rows = new float[ROWS * CLASSES];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i % (CLASSES + 1) == 2 ? 7.9f : i * 7 % 11 * 0.3f - 1.37f;
        }
        return Tensor.ofFloats(Shape.of(ROWS, CLASSES), rows);
    }

    private static float[] answer(String codec, Tensor input, Split split, String quality, Source source)
            throws Exception {
        SplitModel model = MODELS.get(codec);
        try (EdgeAgent agent = model.agent(model.bundle(), gateway.port())
                .split(split)
                .quality(quality)
                .build()) {
            InferenceResult result = agent.infer(SplitModel.input(input)).get();
            assertThat(result.source()).isEqualTo(source);
            assertThat(result.outputs().get(ExactModels.OUTPUT).shape()).isEqualTo(Shape.of(ROWS, CLASSES));
            return SplitModel.answer(result);
        }
    }

    private static float[] fromCloud(String codec) throws Exception {
        return answer(codec, input(), Split.cloud(), "default", Source.CLOUD);
    }

    private static float[] direct() throws Exception {
        return MODELS.get("raw").direct(input());
    }

    @Test
    void aRawReplyIsTheModelsAnswer() throws Exception {
        assertThat(fromCloud("raw")).isEqualTo(direct());
    }

    @Test
    void halvesAreTheNearestOnes() throws Exception {
        float[] direct = direct();
        float[] halves = new float[direct.length];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = HalfFloat.fromBinary16(HalfFloat.toBinary16(direct[i]));
        }
        assertThat(fromCloud("fp16")).isEqualTo(halves).isNotEqualTo(direct);
    }

    @Test
    void levelsAreWithinHalfAStep() throws Exception {
        float[] direct = direct();
        float[] answer = fromCloud("quant:256");
        float step = 16 * 10f / 255;
        for (int i = 0; i < direct.length; i++) {
            assertThat(answer[i]).isCloseTo(direct[i], within(step * 0.51f));
        }
        assertThat(answer).isNotEqualTo(direct);
    }

    @Test
    void theBestClassesHaveTheirScoresAndTheOthersOne() throws Exception {
        float[] direct = direct();
        float[] answer = fromCloud("topk:3");
        for (int row = 0; row < ROWS; row++) {
            int from = row * CLASSES;
            List<Integer> ranks = IntStream.range(from, from + CLASSES)
                    .boxed()
                    .sorted((a, b) -> Float.compare(direct[b], direct[a]))
                    .toList();
            for (int i : ranks.subList(0, 3)) {
                assertThat(answer[i]).isEqualTo(direct[i]);
            }
            float rest = answer[ranks.get(3)];
            assertThat(rest).isLessThan(direct[ranks.get(2)]);
            for (int i : ranks.subList(3, CLASSES)) {
                assertThat(answer[i]).isEqualTo(rest);
            }
        }
    }

    @Test
    void aSplitIsAnsweredInTheSameWay() throws Exception {
        Tensor rows = calibrated();
        float[] direct = MODELS.get("raw").direct(rows);
        float[] answer = answer("topk:3", rows, Split.at(1), "default", Source.SPLIT);
        for (int row = 0; row < ROWS; row++) {
            assertThat(best(answer, row)).isEqualTo(best(direct, row));
            assertThat(IntStream.range(row * CLASSES, (row + 1) * CLASSES)
                            .mapToObj(i -> answer[i])
                            .distinct())
                    .hasSizeBetween(2, 4);
        }
    }

    /** The first rows that the split is calibrated on, which it answers alike. */
    private static Tensor calibrated() {
        Tensor rows = Tensor.allocate(ElementType.FLOAT32, Shape.of(ROWS, CLASSES));
        for (int row = 0; row < ROWS; row++) {
            rows.rows(row, 1).data().put(ExactModels.classifierRow(row).data());
        }
        return rows;
    }

    private static int best(float[] values, int row) {
        return IntStream.range(row * CLASSES, (row + 1) * CLASSES)
                .reduce((best, i) -> values[i] > values[best] ? i : best)
                .orElseThrow();
    }

    @Test
    void theRawLevelIsRawInBothDirections() throws Exception {
        for (String codec : MODELS.keySet()) {
            assertThat(answer(codec, input(), Split.at(1), "raw", Source.SPLIT))
                    .as(codec)
                    .isEqualTo(direct());
        }
    }
}
