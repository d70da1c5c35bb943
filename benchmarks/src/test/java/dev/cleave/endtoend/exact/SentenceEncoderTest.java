package dev.cleave.endtoend.exact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A transformer that quantises its activations on the fly. Every layer reads the attention mask, so every cut carries
 * it; and floats decide to which integer an activation rounds, so a float in another order would show.
 */
class SentenceEncoderTest {
    private static final String NAME = "/all-minilm-l6-v2-q";
    private static final double BOUND = 1e-4;
    private static final int LENGTH = 16;
    private static final List<String> SENTENCES = List.of(
            "A man is playing the guitar.",
            "The quick brown fox jumps over the lazy dog near the riverbank.",
            "Unbelievable tokenization!",
            "Cut a network in two and send what crosses.");

    @TempDir
    Path folder;

    private Path model;
    private Path inputs;

    @BeforeEach
    void write() throws IOException {
        model = folder.resolve("minilm.onnx");
        try (InputStream packed = resource(NAME + ".onnx")) {
            Files.copy(packed, model);
        }
        inputs = Files.createDirectory(folder.resolve("inputs"));
        try (InputStream tokenizer = resource(NAME + "-tokenizer.json")) {
            WordPieces pieces = WordPieces.read(tokenizer);
            for (int i = 0; i < SENTENCES.size(); i++) {
                Npy.write(inputs.resolve(i + ".npz"), padded(pieces.ids(SENTENCES.get(i))));
            }
        }
    }

    @Test
    void everyPointBetweenLayersCarriesTheMaskAndComputesWhatTheUncutModelDoes() throws Exception {
        String points = IntStream.of(0, 1, 3, 4)
                .mapToObj(layer -> "/encoder/layer." + layer + "/output/LayerNorm/Add_1_output_0")
                .collect(Collectors.joining(","));
        JsonNode report = verify(points);
        for (int point = 1; point <= 4; point++) {
            assertThat(report.at("/splitPoints/" + point + "/tensors"))
                    .hasSize(2)
                    .anyMatch(tensor -> tensor.asText().equals("/Mul_output_0"));
        }
    }

    @Test
    void pointsThatTheToolChoosesComputeWhatTheUncutModelDoes() throws Exception {
        verify("auto");
    }

    private JsonNode verify(String points) throws IOException {
        Path bundle = folder.resolve("model.cleave");
        CleaveRun split =
                CleaveRun.of("split", model, "-o", bundle, "--at", points, "--dim", "sequence_length=" + LENGTH);
        assertThat(split.exitCode()).as(split.errors()).isZero();
        CleaveRun verify = CleaveRun.of("verify", bundle, "--against", model, "--inputs", inputs, "--json");
        assertThat(verify.exitCode()).as(verify.errors()).isZero();
        JsonNode report = verify.json();
        assertThat(report.at("/exactBound").asDouble()).isEqualTo(BOUND);
        assertThat(report.at("/exact").findValuesAsText("index")).containsExactly("1", "2", "3", "4", "5");
        assertThat(report.at("/exact"))
                .allSatisfy(point -> assertThat(point.at("/maxRelError").asDouble(Double.NaN))
                        .isLessThanOrEqualTo(BOUND));
        return report;
    }

    private static Map<String, byte[]> padded(long[] ids) {
        long[] mask = new long[LENGTH];
        Arrays.fill(mask, 0, Math.min(ids.length, LENGTH), 1);
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        arrays.put("input_ids", Npy.longs(Arrays.copyOf(ids, LENGTH), 1, LENGTH));
        arrays.put("attention_mask", Npy.longs(mask, 1, LENGTH));
        arrays.put("token_type_ids", Npy.longs(new long[LENGTH], 1, LENGTH));
        return arrays;
    }

    private static InputStream resource(String name) {
        return SentenceEncoderTest.class.getResourceAsStream(name);
    }
}
