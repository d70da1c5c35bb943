package dev.cleave.picture;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import dev.cleave.picture.Geometry.Sides;
import dev.cleave.picture.Normalization.Channels;
import dev.cleave.picture.Normalization.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads and writes the JSON form of {@link Preprocessing}; an instance collects the keys of one object. */
final class PreprocessingJson {
    private static final int MAX_SIDE = 1 << 16;

    private String input;
    private int shorterSide;
    private Sides resize;
    private Sides crop;
    private Sides pad;
    private int padValue;
    private Interpolation interpolation = Interpolation.BILINEAR;
    private Channels channels = Channels.RGB;
    private Layout layout = Layout.NCHW;
    private double scale = 1 / 255.0;
    private List<Double> mean = Collections.singletonList(0.0);
    private List<Double> std = Collections.singletonList(1.0);

    private PreprocessingJson() {}

    static Preprocessing read(JsonReader reader) throws IOException {
        PreprocessingJson json = new PreprocessingJson();
        Set<String> seen = new HashSet<>();
        try {
            reader.beginObject();
            while (reader.hasNext()) {
                String key = reader.nextName();
                if (!seen.add(key)) {
                    throw new IOException("preprocessing has two values for \"" + key + "\"");
                }
                json.read(key, reader);
            }
            reader.endObject();
        } catch (IllegalStateException | NumberFormatException wrongType) {
            throw new IOException("preprocessing is no such JSON object: " + firstLine(wrongType), wrongType);
        }
        return json.build();
    }

    static void requireEnd(JsonReader reader) throws IOException {
        if (reader.peek() != JsonToken.END_DOCUMENT) {
            throw new IOException("preprocessing has text after its JSON object");
        }
    }

    private void read(String key, JsonReader reader) throws IOException {
        switch (key) {
            case "input":
                input = text(key, reader);
                break;
            case "resize":
                if (reader.peek() == JsonToken.NUMBER) {
                    shorterSide = side(key, reader);
                } else {
                    resize = sides(key, reader, true);
                }
                break;
            case "crop":
                crop = reader.peek() == JsonToken.NUMBER ? square(side(key, reader)) : sides(key, reader, false);
                break;
            case "pad":
                pad = sides(key, reader, true);
                break;
            case "padValue":
                padValue = integer(key, reader, 0, 255);
                break;
            case "interpolation":
                interpolation = interpolation(text(key, reader));
                break;
            case "channels":
                channels = constant(key, Channels.values(), text(key, reader));
                break;
            case "layout":
                layout = constant(key, Layout.values(), text(key, reader));
                break;
            case "scale":
                scale = nonZero(key, number(key, reader));
                break;
            case "mean":
                mean = numbers(key, reader);
                break;
            case "std":
                std = numbers(key, reader);
                break;
            default:
                throw new IOException("preprocessing key \"" + key + "\" is not known; expected resize, crop, pad, "
                        + "padValue, interpolation, channels, layout, scale, mean, std or input");
        }
    }

    private Preprocessing build() throws IOException {
        for (double value : std) {
            nonZero("std", value);
        }
        Geometry geometry = new Geometry(shorterSide, resize, crop, pad, padValue, interpolation);
        Normalization normalization =
                new Normalization(channels, layout, scale, perChannel("mean", mean), perChannel("std", std));
        return new Preprocessing(input, geometry, normalization);
    }

    private List<Double> perChannel(String key, List<Double> values) throws IOException {
        if (values.size() == channels.count()) {
            return values;
        }
        if (values.size() != 1) {
            throw new IOException("preprocessing \"" + key + "\" has " + values.size() + " numbers; expected 1 or "
                    + channels.count() + " for " + channels);
        }
        return Collections.nCopies(channels.count(), values.get(0));
    }

    private static Sides square(int side) {
        return new Sides(side, side);
    }

    private static Sides sides(String key, JsonReader reader, boolean mayBeOpen) throws IOException {
        reader.beginArray();
        int height = sideOrNull(key, reader);
        int width = sideOrNull(key, reader);
        reader.endArray();
        if (height == 0 && width == 0 || !mayBeOpen && (height == 0 || width == 0)) {
            throw new IOException("preprocessing \"" + key + "\" leaves a side open; expected [height, width]"
                    + (mayBeOpen ? " with at most one null" : ""));
        }
        return new Sides(height, width);
    }

    private static int sideOrNull(String key, JsonReader reader) throws IOException {
        if (reader.peek() == JsonToken.NULL) {
            reader.nextNull();
            return 0;
        }
        return side(key, reader);
    }

    private static int side(String key, JsonReader reader) throws IOException {
        return integer(key, reader, 1, MAX_SIDE);
    }

    private static int integer(String key, JsonReader reader, int least, int most) throws IOException {
        double value = number(key, reader);
        if (value != Math.rint(value) || value < least || value > most) {
            throw new IOException(
                    "preprocessing \"" + key + "\" is " + value + "; expected an integer " + least + " to " + most);
        }
        return (int) value;
    }

    private static double number(String key, JsonReader reader) throws IOException {
        if (reader.peek() != JsonToken.NUMBER) {
            throw new IOException("preprocessing \"" + key + "\" is a " + reader.peek() + "; expected a number");
        }
        double value = reader.nextDouble();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new IOException("preprocessing \"" + key + "\" is " + value + "; expected a finite number");
        }
        return value;
    }

    private static String text(String key, JsonReader reader) throws IOException {
        if (reader.peek() != JsonToken.STRING) {
            throw new IOException("preprocessing \"" + key + "\" is a " + reader.peek() + "; expected a string");
        }
        return reader.nextString();
    }

    private static double nonZero(String key, double value) throws IOException {
        if (value == 0) {
            throw new IOException("preprocessing \"" + key + "\" is 0; expected another number");
        }
        return value;
    }

    private static List<Double> numbers(String key, JsonReader reader) throws IOException {
        if (reader.peek() == JsonToken.NUMBER) {
            return Collections.singletonList(number(key, reader));
        }
        List<Double> numbers = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext() && numbers.size() < 4) {
            numbers.add(number(key, reader));
        }
        reader.endArray();
        return numbers;
    }

    private static Interpolation interpolation(String name) throws IOException {
        List<String> names = new ArrayList<>();
        for (Interpolation interpolation : Interpolation.values()) {
            if (interpolation.jsonName().equals(name)) {
                return interpolation;
            }
            names.add(interpolation.jsonName());
        }
        throw new IOException("preprocessing \"interpolation\" is \"" + name + "\"; expected one of " + names);
    }

    private static <E extends Enum<E>> E constant(String key, E[] constants, String name) throws IOException {
        List<String> names = new ArrayList<>();
        for (E constant : constants) {
            if (constant.name().equals(name)) {
                return constant;
            }
            names.add(constant.name());
        }
        throw new IOException("preprocessing \"" + key + "\" is \"" + name + "\"; expected one of " + names);
    }

    private static String firstLine(RuntimeException exception) {
        return String.valueOf(exception.getMessage()).split("\n", 2)[0];
    }

    static void write(JsonWriter writer, String input, Geometry geometry, Normalization normalization)
            throws IOException {
        writer.beginObject();
        if (geometry.shorterSide() > 0) {
            writer.name("resize").value(geometry.shorterSide());
        }
        write(writer, "resize", geometry.resize());
        write(writer, "crop", geometry.crop());
        write(writer, "pad", geometry.pad());
        writer.name("padValue").value(geometry.padValue());
        writer.name("interpolation").value(geometry.interpolation().jsonName());
        writer.name("channels").value(normalization.channels().name());
        writer.name("layout").value(normalization.layout().name());
        writer.name("scale").value(normalization.scale());
        write(writer, "mean", normalization.mean());
        write(writer, "std", normalization.std());
        if (input != null) {
            writer.name("input").value(input);
        }
        writer.endObject();
    }

    private static void write(JsonWriter writer, String key, Sides sides) throws IOException {
        if (sides == null) {
            return;
        }
        writer.name(key).beginArray();
        for (int side : new int[] {sides.height(), sides.width()}) {
            if (side == 0) {
                writer.nullValue();
            } else {
                writer.value(side);
            }
        }
        writer.endArray();
    }

    private static void write(JsonWriter writer, String key, List<Double> numbers) throws IOException {
        writer.name(key).beginArray();
        for (double number : numbers) {
            writer.value(number);
        }
        writer.endArray();
    }
}
