package dev.cleave.gateway.trial;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/**
 * A trial's one answer, one line of JSON: a report, or {@code {"refused":"why the model cannot be loaded"}}. Read strictly: a process
 * in which a hostile model ran may have written it.
 */
final class AnswerJson {
    /** Longest line. */
    static final int MAX_BYTES = 1 << 20;

    static final int MAX_TEXT = 2048;
    private static final int MAX_DEPTH = 8;

    static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private AnswerJson() {}

    static String refused(String reason) {
        return JSON.createObjectNode().put("refused", line(reason)).toString();
    }

    /** Text that came out of a library or a file, on one line of bounded length. */
    static String line(String text) {
        String line = String.valueOf(text).replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return line.length() <= MAX_TEXT ? line : line.substring(0, MAX_TEXT - 2) + "..";
    }

    /**
     * Reads what {@link #refused} or a job wrote.
     *
     * @throws TrialException with the reason of a refusal
     * @throws IOException if it is neither; the message says what was expected
     */
    static <R> R read(byte[] bytes, TrialJob<R> job) throws IOException, TrialException {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new IOException("no JSON: " + line(e.getOriginalMessage()), e);
        }
        require(root != null && root.isObject(), "an object");
        if (root.size() == 1 && root.path("refused").isTextual()) {
            throw new TrialException(line(root.get("refused").textValue()));
        }
        return job.read(root);
    }

    /** Which keys an object has. */
    static Set<String> keys(JsonNode object) {
        Set<String> keys = new TreeSet<>();
        object.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    static boolean isShortText(JsonNode text) {
        return text.isTextual() && text.textValue().length() <= MAX_TEXT;
    }

    static void require(boolean holds, String expectation) throws IOException {
        if (!holds) {
            throw new IOException("expected " + expectation);
        }
    }
}
