package dev.cleave.cli.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.output.JsonOut;
import dev.cleave.cli.output.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a source prints, line by line, as it comes. */
public final class Output {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Terminal terminal = new Terminal(
            new PrintWriter(new Writer() {
                private final StringWriter line = new StringWriter();

                @Override
                public void write(char[] text, int offset, int length) {
                    line.write(text, offset, length);
                }

                @Override
                public void flush() {
                    line.toString().lines().forEach(lines::add);
                    line.getBuffer().setLength(0);
                }

                @Override
                public void close() {}
            }),
            new PrintWriter(Writer.nullWriter()),
            true,
            false,
            false);

    public JsonOut json() {
        return terminal.json();
    }

    /** The next line, waited for. */
    public JsonNode next() throws IOException, InterruptedException {
        String line = lines.poll(60, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("nothing was printed");
        }
        return JSON.readTree(line);
    }

    public boolean isEmpty() {
        return lines.isEmpty();
    }
}
