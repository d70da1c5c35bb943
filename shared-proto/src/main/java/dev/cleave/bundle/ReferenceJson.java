package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import dev.cleave.bundle.Reference.ClassCount;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The JSON form of a {@link Reference}, a part of {@code manifest.json}; as tolerant of further keys as that is. */
final class ReferenceJson {
    /** Boundary tensors of all points together. */
    static final int MAX_BOUNDARIES = 4096;

    static final int MAX_CLASSES = 1000;

    private static final int MAX_OUTPUTS = 4096;
    private static final int MAX_TEXT = 4096;
    private static final List<String> KEYS = keys("inputs", "boundaries", "outputs", "classes");
    private static final List<String> BOUNDARY_KEYS = keys("point", "tensor", "values");
    private static final List<String> OUTPUT_KEYS = keys("tensor", "values");
    private static final List<String> CLASSES_KEYS = keys("counts", "others", "margin");

    private ReferenceJson() {}

    private static List<String> keys(String... names) {
        return Collections.unmodifiableList(Arrays.asList(names));
    }

    /** @throws BundleException naming the key, the value and the expectation */
    static Reference read(StrictJson json) throws IOException {
        return new Reading(json).reference();
    }

    static void write(Reference reference, JsonWriter json) throws IOException {
        json.beginObject();
        json.name("inputs").value(reference.inputs());
        json.name("boundaries").beginArray();
        for (Reference.Boundary boundary : reference.boundaries()) {
            json.beginObject().name("point").value(boundary.point());
            json.name("tensor").value(boundary.tensor());
            ValueHistogramJson.write(boundary.values(), json.name("values"));
            json.endObject();
        }
        json.endArray();
        json.name("outputs").beginArray();
        for (Reference.Output output : reference.outputs()) {
            json.beginObject().name("tensor").value(output.tensor());
            ValueHistogramJson.write(output.values(), json.name("values"));
            json.endObject();
        }
        json.endArray();
        write(reference.classes(), json.name("classes"));
        json.endObject();
    }

    private static void write(Reference.Classes classes, JsonWriter json) throws IOException {
        if (classes == null) {
            json.nullValue();
            return;
        }
        json.beginObject();
        json.name("counts").beginArray();
        for (ClassCount each : classes.counts()) {
            json.beginArray().value(each.label()).value(each.count()).endArray();
        }
        json.endArray();
        json.name("others").value(classes.others());
        json.name("margin");
        if (classes.margin() == null) {
            json.nullValue();
        } else {
            ValueHistogramJson.write(classes.margin(), json);
        }
        json.endObject();
    }

    /** The values of one of the objects read so far, by key. */
    private static final class Reading {
        private final StrictJson json;
        private int inputs;
        private int point;
        private String tensor;
        private ValueHistogram values;
        private List<Reference.Boundary> boundaries;
        private List<Reference.Output> outputs;
        private Reference.Classes classes;
        private List<ClassCount> counts;
        private long others;
        private ValueHistogram margin;
        private long labelBefore = -1;

        Reading(StrictJson json) {
            this.json = json;
        }

        Reference reference() throws IOException {
            json.lenient(KEYS, this::field);
            return new Reference(inputs, boundaries, outputs, classes);
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "inputs":
                    inputs = json.integer();
                    if (inputs < 1) {
                        throw json.wrong(Integer.toString(inputs), "1 or more");
                    }
                    break;
                case "boundaries":
                    boundaries = json.list(MAX_BOUNDARIES, element -> new Reading(element).boundary());
                    break;
                case "outputs":
                    outputs = json.list(MAX_OUTPUTS, element -> new Reading(element).output());
                    break;
                default:
                    classes = json.isNull() ? null : new Reading(json).classes();
            }
        }

        private Reference.Boundary boundary() throws IOException {
            json.lenient(BOUNDARY_KEYS, this::tensorField);
            return new Reference.Boundary(point, tensor, values);
        }

        private Reference.Output output() throws IOException {
            json.lenient(OUTPUT_KEYS, this::tensorField);
            return new Reference.Output(tensor, values);
        }

        private void tensorField(String key) throws IOException {
            switch (key) {
                case "point":
                    point = json.integer();
                    break;
                case "tensor":
                    tensor = json.text(MAX_TEXT);
                    break;
                default:
                    values = ValueHistogramJson.read(json);
            }
        }

        private Reference.Classes classes() throws IOException {
            json.lenient(CLASSES_KEYS, this::classesField);
            return new Reference.Classes(counts, others, margin);
        }

        private void classesField(String key) throws IOException {
            switch (key) {
                case "counts":
                    counts = json.list(MAX_CLASSES, element -> classCount());
                    break;
                case "others":
                    others = ValueHistogramJson.count(json);
                    break;
                default:
                    margin = json.isNull() ? null : ValueHistogramJson.read(json);
            }
        }

        private ClassCount classCount() throws IOException {
            List<Long> pair = json.list(2, StrictJson::whole);
            if (pair.size() != 2 || pair.get(0) <= labelBefore || pair.get(1) < 1) {
                throw json.wrong(pair.toString(), "[class, count] with rising classes from 0 on and counts above 0");
            }
            labelBefore = pair.get(0);
            return new ClassCount(pair.get(0), pair.get(1));
        }
    }
}
