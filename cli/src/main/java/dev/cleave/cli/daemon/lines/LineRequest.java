package dev.cleave.cli.daemon.lines;

import dev.cleave.cli.daemon.oip.InferRequest;
import dev.cleave.cli.daemon.oip.InferRequestReader;
import dev.cleave.cli.daemon.oip.MalformedRequestException;
import dev.cleave.cli.units.TimeSpan;
import dev.cleave.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What one line asks for: the path of a file, or a JSON object with a {@code path} or with {@code inputs} as the Open
 * Inference Protocol has them, and perhaps an {@code id} and a {@code deadline}.
 *
 * @param name what the answer calls it: the id, else the path, else null
 * @param path null if the tensors are in the line
 * @param deadline null if it brings none
 */
record LineRequest(String name, String path, Map<String, Tensor> tensors, Duration deadline) {
    private static final Set<String> FIELDS = Set.of("id", "path", "deadline");

    static LineRequest parse(byte[] line) throws MalformedRequestException {
        String text = new String(line, StandardCharsets.UTF_8).strip();
        if (!text.startsWith("{")) {
            return new LineRequest(text, text, Map.of(), null);
        }
        InferRequest request = InferRequestReader.read(line, line.length);
        for (String field : request.texts().keySet()) {
            if (!FIELDS.contains(field)) {
                throw new MalformedRequestException(
                        "line has \"" + field + "\", which is not known; expected id, path, inputs and deadline");
            }
        }
        String path = request.texts().get("path");
        if (path == null == request.inputs().isEmpty()) {
            throw new MalformedRequestException("line has "
                    + (path == null ? "neither path nor inputs" : "path and inputs") + "; expected one of them");
        }
        String name = request.id() != null ? request.id() : path;
        return new LineRequest(
                name, path, request.inputs(), deadline(request.texts().get("deadline")));
    }

    private static Duration deadline(String text) throws MalformedRequestException {
        try {
            return text == null ? null : TimeSpan.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new MalformedRequestException("deadline: " + malformed.getMessage(), malformed);
        }
    }
}
