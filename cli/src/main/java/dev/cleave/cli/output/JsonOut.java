package dev.cleave.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.io.PrintWriter;

/**
 * Writes JSON to standard output: either exactly one document, or one object a line. Records, maps and lists become
 * what one expects; a number that is not finite, which JSON cannot say, becomes {@code null}. Thread-safe.
 */
public final class JsonOut {
    /** Loaded when something is written: most runs of the command never need it. */
    private static final class Mapper {
        static final ObjectMapper INSTANCE = new ObjectMapper()
                .registerModule(new SimpleModule()
                        .addSerializer(Double.class, new FiniteOrNull())
                        .addSerializer(double.class, new FiniteOrNull())
                        .addSerializer(Float.class, new FiniteOrNull())
                        .addSerializer(float.class, new FiniteOrNull()))
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
    }

    private static final class FiniteOrNull extends JsonSerializer<Number> {
        @Override
        public void serialize(Number value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (!Double.isFinite(value.doubleValue())) {
                json.writeNull();
            } else if (value instanceof Float) {
                json.writeNumber(value.floatValue());
            } else {
                json.writeNumber(value.doubleValue());
            }
        }
    }

    private final PrintWriter out;
    private boolean documentWritten;
    private boolean lineWritten;

    JsonOut(PrintWriter out) {
        this.out = out;
    }

    /**
     * Writes the one document, indented.
     *
     * @throws IllegalStateException if something was written before
     */
    public synchronized void document(Object value) {
        if (documentWritten || lineWritten) {
            throw new IllegalStateException("a verb writes exactly one JSON document");
        }
        documentWritten = true;
        write(Mapper.INSTANCE.writerWithDefaultPrettyPrinter(), value);
    }

    /**
     * Writes one object on one line.
     *
     * @throws IllegalStateException after {@link #document}
     */
    public synchronized void line(Object value) {
        if (documentWritten) {
            throw new IllegalStateException("a verb writes either one JSON document or lines");
        }
        lineWritten = true;
        write(Mapper.INSTANCE.writer(), value);
    }

    private void write(ObjectWriter writer, Object value) {
        out.println(text(writer, value));
        out.flush();
    }

    /** The text of {@link #line}, for another place than standard output. */
    public static String text(Object value) {
        return text(Mapper.INSTANCE.writer(), value);
    }

    private static String text(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException failure) {
            throw new IllegalStateException("no JSON for " + value.getClass().getName(), failure);
        }
    }
}
