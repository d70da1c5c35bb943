package dev.cleave.gateway.repository;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file that labels are kept in: {@code {"format": 1, "labels": {"resnet": {"stable": "3"}}}}. Written beside and moved
 * into place, so that there is always a whole one.
 */
final class LabelFile {
    private static final int FORMAT = 1;
    private static final long MAX_BYTES = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private LabelFile() {}

    /**
     * The labels in a file; none if there is no file.
     *
     * @throws IOException naming the file and what is wrong with it
     */
    static Labels read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Labels.NONE;
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(
                    "labels file " + file + " has " + Files.size(file) + " bytes; expected at most " + MAX_BYTES);
        }
        JsonNode root;
        try {
            root = JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IOException("labels file " + file + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
        if (root == null
                || root.path("format").asInt() != FORMAT
                || !root.path("labels").isObject()) {
            throw new IOException("labels file " + file + " is not one; expected an object with \"format\": " + FORMAT
                    + " and \"labels\"");
        }
        Map<String, Map<String, String>> byModel = new TreeMap<>();
        for (Map.Entry<String, JsonNode> model : root.get("labels").properties()) {
            byModel.put(model.getKey(), labels(file, model));
        }
        return new Labels(byModel);
    }

    private static Map<String, String> labels(Path file, Map.Entry<String, JsonNode> model) throws IOException {
        Map<String, String> labels = new TreeMap<>();
        for (Map.Entry<String, JsonNode> label : model.getValue().properties()) {
            String version = label.getValue().textValue();
            if (!ModelNames.isModel(model.getKey())
                    || !ModelNames.isLabel(label.getKey())
                    || version == null
                    || !ModelNames.isModel(version)) {
                throw new IOException("labels file " + file + " has a label \"" + label.getKey() + "\" of \""
                        + model.getKey() + "\" that is none; expected a label and a version as text");
            }
            labels.put(label.getKey(), version);
        }
        return labels;
    }

    /** @throws IOException naming the file if it cannot be written; it is then as it was */
    static void write(Path file, Labels labels) throws IOException {
        byte[] bytes = JSON.writerWithDefaultPrettyPrinter()
                .writeValueAsBytes(Map.of("format", FORMAT, "labels", labels.all()));
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (FileChannel out = FileChannel.open(
                    part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer left = ByteBuffer.wrap(bytes);
                while (left.hasRemaining()) {
                    out.write(left);
                }
                out.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw new IOException("labels file " + file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
