package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import dev.cleave.engine.GraphFormat;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The JSON form of {@link HeadMeasurement}s, a part of {@code manifest.json}; as tolerant of further keys as that is. */
final class HeadMeasurementJson {
    private static final List<String> KEYS = Collections.unmodifiableList(Arrays.asList(
            "format", "engine", "point", "agreement", "onnxAgreement", "alike", "maxRelativeError", "inputs"));
    private static final int MAX_TEXT = 200;
    private static final int MAX_HEADS = ContractRules.MAX_SPLIT_POINTS + 1;

    private HeadMeasurementJson() {}

    /** @throws BundleException naming the key, the value and the expectation */
    static List<HeadMeasurement> read(StrictJson json) throws IOException {
        return json.list(MAX_HEADS, element -> new Reading(json).head());
    }

    static void write(List<HeadMeasurement> heads, JsonWriter json) throws IOException {
        json.beginArray();
        for (HeadMeasurement head : heads) {
            json.beginObject();
            json.name("format").value(head.format().extension());
            json.name("engine").value(head.engine());
            json.name("point").value(head.point());
            json.name("agreement").jsonValue(DecimalText.of(head.agreement()));
            json.name("onnxAgreement").jsonValue(DecimalText.of(head.onnxAgreement()));
            json.name("alike").jsonValue(DecimalText.of(head.alike()));
            json.name("maxRelativeError");
            if (Double.isInfinite(head.maxRelativeError())) {
                json.nullValue();
            } else {
                json.jsonValue(DecimalText.of(head.maxRelativeError()));
            }
            json.name("inputs").value(head.inputs());
            json.endObject();
        }
        json.endArray();
    }

    /** The values of one head read so far, by key. */
    private static final class Reading {
        private final StrictJson json;
        private GraphFormat format;
        private String engine;
        private int point;
        private double agreement;
        private double onnxAgreement;
        private double alike;
        private double maxRelativeError;
        private int inputs;

        Reading(StrictJson json) {
            this.json = json;
        }

        HeadMeasurement head() throws IOException {
            json.lenient(KEYS, this::field);
            return new HeadMeasurement(
                    format, engine, point, agreement, onnxAgreement, alike, maxRelativeError, inputs);
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "format":
                    format = format();
                    break;
                case "engine":
                    engine = json.text(MAX_TEXT);
                    break;
                case "point":
                    point = ManifestNumbers.count(json);
                    break;
                case "agreement":
                    agreement = ManifestNumbers.share(json);
                    break;
                case "onnxAgreement":
                    onnxAgreement = ManifestNumbers.share(json);
                    break;
                case "alike":
                    alike = ManifestNumbers.share(json);
                    break;
                case "maxRelativeError":
                    maxRelativeError = json.isNull() ? Double.POSITIVE_INFINITY : ManifestNumbers.amount(json);
                    break;
                default:
                    inputs = ManifestNumbers.count(json);
            }
        }

        private GraphFormat format() throws IOException {
            String name = json.text(MAX_TEXT);
            for (GraphFormat known : GraphFormat.values()) {
                if (known.extension().equals(name) && known != GraphFormat.ONNX) {
                    return known;
                }
            }
            throw json.wrongText(name, GraphFormat.TFLITE.extension());
        }
    }
}
