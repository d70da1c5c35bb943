package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import dev.cleave.bundle.CalibrationRecord.Curve;
import dev.cleave.bundle.CalibrationRecord.Tried;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The JSON form of a {@link CalibrationRecord}, a part of {@code manifest.json}; as tolerant of further keys as that is. */
final class CalibrationJson {
    private static final List<String> KEYS = Collections.unmodifiableList(
            Arrays.asList("learn", "choose", "report", "apart", "wantedAgreement", "inputs", "curves"));
    private static final List<String> CURVE_KEYS = Collections.unmodifiableList(Arrays.asList("point", "tried"));
    private static final List<String> TRIED_KEYS =
            Collections.unmodifiableList(Arrays.asList("label", "wireBytesMean", "agreement"));
    private static final int MAX_LABEL = 1000;
    private static final int MAX_CURVES = ContractRules.MAX_SPLIT_POINTS + 1;
    private static final int MAX_TRIED = 1024;

    private CalibrationJson() {}

    /** @throws BundleException naming the key, the value and the expectation */
    static CalibrationRecord read(StrictJson json) throws IOException {
        return new Reading(json).calibration();
    }

    static void write(CalibrationRecord calibration, JsonWriter json) throws IOException {
        json.beginObject();
        json.name("learn").value(calibration.learn());
        json.name("choose").value(calibration.choose());
        json.name("report").value(calibration.report());
        json.name("apart").value(calibration.apart());
        json.name("wantedAgreement").jsonValue(DecimalText.of(calibration.wantedAgreement()));
        json.name("inputs").beginArray();
        for (String digest : calibration.inputs()) {
            json.value(digest);
        }
        json.endArray();
        json.name("curves").beginArray();
        for (Curve curve : calibration.curves()) {
            write(curve, json);
        }
        json.endArray().endObject();
    }

    private static void write(Curve curve, JsonWriter json) throws IOException {
        json.beginObject().name("point").value(curve.point());
        json.name("tried").beginArray();
        for (Tried tried : curve.tried()) {
            json.beginObject();
            json.name("label").value(tried.label());
            json.name("wireBytesMean").jsonValue(DecimalText.of(tried.wireBytesMean()));
            json.name("agreement").jsonValue(DecimalText.of(tried.agreement()));
            json.endObject();
        }
        json.endArray().endObject();
    }

    /** The values read so far, by key. */
    private static final class Reading {
        private final StrictJson json;
        private int learn;
        private int choose;
        private int report;
        private boolean apart;
        private double wantedAgreement;
        private List<String> inputs;
        private List<Curve> curves;

        Reading(StrictJson json) {
            this.json = json;
        }

        CalibrationRecord calibration() throws IOException {
            json.lenient(KEYS, this::field);
            return new CalibrationRecord(learn, choose, report, apart, wantedAgreement, inputs, curves);
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "learn":
                    learn = ManifestNumbers.count(json);
                    break;
                case "choose":
                    choose = ManifestNumbers.count(json);
                    break;
                case "report":
                    report = ManifestNumbers.count(json);
                    break;
                case "apart":
                    apart = json.flag();
                    break;
                case "wantedAgreement":
                    wantedAgreement = ManifestNumbers.share(json);
                    break;
                case "inputs":
                    inputs = json.list(CalibrationRecord.MAX_INPUTS, element -> digest());
                    break;
                default:
                    curves = json.list(MAX_CURVES, element -> new CurveReading(json).curve());
            }
        }

        private String digest() throws IOException {
            String text = json.text(CalibrationRecord.DIGITS);
            if (text.length() != CalibrationRecord.DIGITS || !Sha256.isHexDigits(text)) {
                throw json.wrong(BundleException.quote(text), CalibrationRecord.DIGITS + " lower-case hex digits");
            }
            return text;
        }
    }

    /** One point's. */
    private static final class CurveReading {
        private final StrictJson json;
        private int point;
        private List<Tried> tried;

        CurveReading(StrictJson json) {
            this.json = json;
        }

        Curve curve() throws IOException {
            json.lenient(CURVE_KEYS, key -> {
                if (key.equals("point")) {
                    point = ManifestNumbers.count(json);
                } else {
                    tried = json.list(MAX_TRIED, element -> new TriedReading(json).tried());
                }
            });
            return new Curve(point, tried);
        }
    }

    /** One way of coding. */
    private static final class TriedReading {
        private final StrictJson json;
        private String label;
        private double wireBytesMean;
        private double agreement;

        TriedReading(StrictJson json) {
            this.json = json;
        }

        Tried tried() throws IOException {
            json.lenient(TRIED_KEYS, this::field);
            return new Tried(label, wireBytesMean, agreement);
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "label":
                    label = json.text(MAX_LABEL);
                    break;
                case "wireBytesMean":
                    wireBytesMean = ManifestNumbers.amount(json);
                    break;
                default:
                    agreement = ManifestNumbers.share(json);
            }
        }
    }
}
