package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import dev.cleave.bundle.Manifest.PointMeasurement;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Reads and writes {@code manifest.json}. Keys come in any order and those of later releases are skipped; the types and
 * ranges of known ones are checked.
 */
public final class ManifestJson {
    private static final List<String> KEYS =
            Collections.unmodifiableList(Arrays.asList("view", "edgeThrough", "toolVersion", "measurements"));
    private static final List<String> OPTIONAL_KEYS =
            Collections.unmodifiableList(Arrays.asList("plan", "reference", "calibration", "heads"));
    private static final List<String> MEASUREMENT_KEYS =
            Collections.unmodifiableList(Arrays.asList("point", "level", "wireBytesMean", "agreement", "inputs"));
    private static final List<String> OPTIONAL_MEASUREMENT_KEYS = Collections.singletonList("elements");
    private static final int MAX_TEXT = 200;
    private static final int MAX_MEASUREMENTS = 1 << 14;

    private ManifestJson() {}

    /** @throws BundleException naming the key, the value and the expectation */
    public static Manifest read(byte[] utf8) throws BundleException {
        return StrictJson.read(BundlePath.MANIFEST, utf8, json -> new Reading(json).manifest());
    }

    /** The manifest's bytes: always the same for equal manifests. */
    public static byte[] write(Manifest manifest) {
        StringWriter text = new StringWriter();
        try {
            JsonWriter json = new JsonWriter(text);
            json.beginObject();
            json.name("view").value(manifest.view().jsonName());
            json.name("edgeThrough").value(manifest.edgeThrough());
            json.name("toolVersion").value(manifest.toolVersion());
            json.name("measurements").beginArray();
            for (PointMeasurement measurement : manifest.measurements()) {
                write(measurement, json);
            }
            json.endArray();
            if (manifest.plan() != null) {
                json.name("plan");
                PlanTableJson.write(manifest.plan(), json);
            }
            if (manifest.reference() != null) {
                json.name("reference");
                ReferenceJson.write(manifest.reference(), json);
            }
            if (manifest.calibration() != null) {
                json.name("calibration");
                CalibrationJson.write(manifest.calibration(), json);
            }
            if (!manifest.heads().isEmpty()) {
                json.name("heads");
                HeadMeasurementJson.write(manifest.heads(), json);
            }
            json.endObject().flush();
        } catch (IOException impossible) {
            throw new IllegalStateException("a StringWriter does not fail", impossible);
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void write(PointMeasurement measurement, JsonWriter json) throws IOException {
        json.beginObject();
        json.name("point").value(measurement.point());
        json.name("level").value(measurement.level());
        json.name("wireBytesMean").jsonValue(DecimalText.of(measurement.wireBytesMean()));
        if (measurement.elements() > 0) {
            json.name("elements").jsonValue(DecimalText.of(measurement.elements()));
        }
        json.name("agreement");
        if (Double.isNaN(measurement.agreement())) {
            json.nullValue();
        } else {
            json.jsonValue(DecimalText.of(measurement.agreement()));
        }
        json.name("inputs").value(measurement.inputs());
        json.endObject();
    }

    /** The values read so far, by key. */
    private static final class Reading {
        private final StrictJson json;
        private View view;
        private int edgeThrough;
        private String toolVersion;
        private List<PointMeasurement> measurements;
        private PlanTable plan;
        private Reference reference;
        private CalibrationRecord calibration;
        private List<HeadMeasurement> heads = Collections.emptyList();

        Reading(StrictJson json) {
            this.json = json;
        }

        Manifest manifest() throws IOException {
            json.lenient(KEYS, OPTIONAL_KEYS, this::field);
            return new Manifest(view, edgeThrough, toolVersion, measurements, plan, reference, calibration, heads);
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "view":
                    view = view();
                    break;
                case "edgeThrough":
                    edgeThrough = json.integer();
                    break;
                case "toolVersion":
                    toolVersion = json.text(MAX_TEXT);
                    break;
                case "plan":
                    plan = json.isNull() ? null : PlanTableJson.read(json);
                    break;
                case "reference":
                    reference = json.isNull() ? null : ReferenceJson.read(json);
                    break;
                case "calibration":
                    calibration = json.isNull() ? null : CalibrationJson.read(json);
                    break;
                case "heads":
                    heads = HeadMeasurementJson.read(json);
                    break;
                default:
                    measurements = json.list(MAX_MEASUREMENTS, element -> new MeasurementReading(json).measurement());
            }
        }

        private View view() throws IOException {
            String name = json.text(MAX_TEXT);
            for (View known : View.values()) {
                if (known.jsonName().equals(name)) {
                    return known;
                }
            }
            throw json.wrong(BundleException.quote(name), "full, edge or cloud");
        }
    }

    /** The values of one measurement read so far, by key. */
    private static final class MeasurementReading {
        private final StrictJson json;
        private int point;
        private String level;
        private double wireBytesMean;
        private double elements;
        private double agreement;
        private int inputs;

        MeasurementReading(StrictJson json) {
            this.json = json;
        }

        PointMeasurement measurement() throws IOException {
            json.lenient(MEASUREMENT_KEYS, OPTIONAL_MEASUREMENT_KEYS, this::field);
            return new PointMeasurement(point, level, wireBytesMean, elements, agreement, inputs);
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "point":
                    point = ManifestNumbers.count(json);
                    break;
                case "level":
                    level = json.text(MAX_TEXT);
                    break;
                case "wireBytesMean":
                    wireBytesMean = ManifestNumbers.amount(json);
                    break;
                case "elements":
                    elements = ManifestNumbers.amount(json);
                    break;
                case "agreement":
                    agreement = json.isNull() ? Double.NaN : ManifestNumbers.share(json);
                    break;
                default:
                    inputs = ManifestNumbers.count(json);
            }
        }
    }
}
