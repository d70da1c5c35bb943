package dev.cleave.gateway.compiled;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.cleave.crypto.Hex;
import dev.cleave.gateway.device.GpuKind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Everything that would make a compiled graph wrong, or worse than a fresh one, if it were different. Pure.
 *
 * @param bundle id of the bundle
 * @param precision of the graph, which with {@code graph} says which one it is
 * @param provider that compiles
 * @param engine name and version of the library around it
 * @param compiler its own version; empty where it is not known
 * @param gpu what is compiled for
 * @param memoryBytes that compiling and running may take; 0: no bound
 */
public record CompileKey(
        String bundle,
        String precision,
        String graph,
        String provider,
        String engine,
        String compiler,
        GpuKind gpu,
        int usualRows,
        int maxRows,
        boolean halves,
        long memoryBytes) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** The key for people, the same bytes for the same key. */
    byte[] json() {
        try {
            return (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a key of strings and numbers has no JSON", e);
        }
    }

    /** SHA-256 of {@link #json}, in hexadecimal. */
    String digest() {
        try {
            return Hex.of(MessageDigest.getInstance("SHA-256").digest(json()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
