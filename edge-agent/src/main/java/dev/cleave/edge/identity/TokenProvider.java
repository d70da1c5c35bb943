package dev.cleave.edge.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Gives the bearer token that a gateway knows this device by. Asked for every stream and call, so tokens can change at any
 * time; on a thread of the channel's, where it may read a file but should not take long. Thread-safe.
 */
@FunctionalInterface
public interface TokenProvider {
    /**
     * The token as it is now: printable ASCII without spaces.
     *
     * @throws IOException if there is none; the attempt to reach the gateway fails with its message
     */
    String token() throws IOException;

    /**
     * The same token each time.
     *
     * @throws IllegalArgumentException if it cannot be one; does not show it
     */
    static TokenProvider fixed(String token) {
        BearerToken.requirePrintable(token);
        return () -> token;
    }

    /** The first line of a file, read each time. */
    static TokenProvider file(Path file) {
        return () -> {
            try {
                String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
                int end = text.indexOf('\n');
                return (end < 0 ? text : text.substring(0, end)).trim();
            } catch (NoSuchFileException e) {
                throw new IOException(file + " is missing; expected a token in its first line", e);
            }
        };
    }
}
