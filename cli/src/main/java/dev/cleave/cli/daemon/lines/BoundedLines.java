package dev.cleave.cli.daemon.lines;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Lines of a stream, each at most so many bytes; the rest of a longer one is skipped. One thread. */
final class BoundedLines {
    /**
     * One line without its end.
     *
     * @param bytes the first of them if {@code cut}
     * @param cut whether it was longer than allowed
     */
    record Line(byte[] bytes, boolean cut) {}

    private final InputStream stream;
    private final int maxBytes;

    /** @param stream buffered */
    BoundedLines(InputStream stream, int maxBytes) {
        this.stream = stream;
        this.maxBytes = maxBytes;
    }

    /** The next line; null at the end of the stream. A last line needs no end. */
    Line next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean cut = false;
        boolean any = false;
        for (int value = stream.read(); value >= 0; value = stream.read()) {
            any = true;
            if (value == '\n') {
                break;
            }
            if (line.size() < maxBytes) {
                line.write(value);
            } else {
                cut = true;
            }
        }
        return any ? new Line(line.toByteArray(), cut) : null;
    }
}
