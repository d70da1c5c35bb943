package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import dev.cleave.bundle.PlanTable.PlanRow;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The JSON form of a {@link PlanTable}, a part of {@code manifest.json}; as tolerant of further keys as that is. */
final class PlanTableJson {
    private static final List<String> KEYS =
            Collections.unmodifiableList(Arrays.asList("edge", "edgeSlowdown", "cloud", "batch", "rows"));
    private static final List<String> ROW_KEYS = Collections.unmodifiableList(Arrays.asList(
            "point",
            "headMillis",
            "encodeMillis",
            "decodeMillis",
            "tailMillis",
            "wireBytes",
            "replyBytes",
            "agreement",
            "leakage",
            "headMemoryBytes",
            "measured"));
    private static final int MAX_MACHINE = 1000;
    private static final int MAX_LOCAL = ContractRules.MAX_SPLIT_POINTS + 1;

    private PlanTableJson() {}

    /** @throws BundleException naming the key, the value and the expectation */
    static PlanTable read(StrictJson json) throws IOException {
        return new Reading(json).table();
    }

    static void write(PlanTable plan, JsonWriter json) throws IOException {
        json.beginObject();
        json.name("edge").value(plan.edge());
        json.name("edgeSlowdown").jsonValue(DecimalText.of(plan.edgeSlowdown()));
        json.name("cloud").value(plan.cloud());
        json.name("batch").value(plan.batch());
        json.name("rows").beginArray();
        for (PlanRow row : plan.rows()) {
            write(row, json);
        }
        json.endArray().endObject();
    }

    private static void write(PlanRow row, JsonWriter json) throws IOException {
        json.beginObject();
        json.name("point").value(row.point());
        json.name("headMillis").jsonValue(DecimalText.of(row.headMillis()));
        json.name("encodeMillis").jsonValue(DecimalText.of(row.encodeMillis()));
        json.name("decodeMillis").jsonValue(DecimalText.of(row.decodeMillis()));
        json.name("tailMillis").jsonValue(DecimalText.of(row.tailMillis()));
        json.name("wireBytes").jsonValue(DecimalText.of(row.wireBytes()));
        json.name("replyBytes").jsonValue(DecimalText.of(row.replyBytes()));
        json.name("agreement").jsonValue(orNull(row.agreement()));
        json.name("leakage").jsonValue(orNull(row.leakage()));
        json.name("headMemoryBytes").value(row.headMemoryBytes());
        json.name("measured").value(row.measured());
        json.endObject();
    }

    private static String orNull(double value) {
        return Double.isNaN(value) ? "null" : DecimalText.of(value);
    }

    /** The values of the table read so far, by key. */
    private static final class Reading {
        private final StrictJson json;
        private String edge;
        private double edgeSlowdown;
        private String cloud;
        private int batch;
        private List<PlanRow> rows;
        private int lastPoint = -1;

        Reading(StrictJson json) {
            this.json = json;
        }

        PlanTable table() throws IOException {
            json.lenient(KEYS, this::field);
            return new PlanTable(edge, edgeSlowdown, cloud, batch, rows);
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "edge":
                    edge = machine();
                    break;
                case "edgeSlowdown":
                    edgeSlowdown = json.real64();
                    require(edgeSlowdown > 0, DecimalText.of(edgeSlowdown), "more than 0");
                    break;
                case "cloud":
                    cloud = machine();
                    break;
                case "batch":
                    batch = json.integer();
                    require(
                            batch >= 1 && batch <= ContractRules.MAX_BATCH,
                            Integer.toString(batch),
                            "1 to " + ContractRules.MAX_BATCH);
                    break;
                default:
                    rows = json.list(MAX_LOCAL + 1, element -> row());
                    require(!rows.isEmpty(), "empty", "at least 1 row");
            }
        }

        /** Words for a screen, so that nothing in them may steer it. */
        private String machine() throws IOException {
            String text = json.text(MAX_MACHINE);
            for (int i = 0; i < text.length(); i++) {
                if (Character.isISOControl(text.charAt(i))) {
                    throw json.wrongText(text, "a text without control characters");
                }
            }
            return text;
        }

        private PlanRow row() throws IOException {
            PlanRow row = new RowReading(json, lastPoint).row();
            lastPoint = row.point();
            return row;
        }

        private void require(boolean fulfilled, String value, String expected) throws BundleException {
            if (!fulfilled) {
                throw json.wrong(value, expected);
            }
        }
    }

    /** The values of one row read so far, by key. */
    private static final class RowReading {
        private final StrictJson json;
        private final int pointBefore;
        private int point;
        private double headMillis;
        private double encodeMillis;
        private double decodeMillis;
        private double tailMillis;
        private double wireBytes;
        private double replyBytes;
        private double agreement;
        private double leakage;
        private long headMemoryBytes;
        private boolean measured;

        RowReading(StrictJson json, int pointBefore) {
            this.json = json;
            this.pointBefore = pointBefore;
        }

        PlanRow row() throws IOException {
            json.lenient(ROW_KEYS, this::field);
            return new PlanRow(
                    point,
                    headMillis,
                    encodeMillis,
                    decodeMillis,
                    tailMillis,
                    wireBytes,
                    replyBytes,
                    agreement,
                    leakage,
                    headMemoryBytes,
                    measured);
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "point":
                    point = point();
                    break;
                case "headMillis":
                    headMillis = amount();
                    break;
                case "encodeMillis":
                    encodeMillis = amount();
                    break;
                case "decodeMillis":
                    decodeMillis = amount();
                    break;
                case "tailMillis":
                    tailMillis = amount();
                    break;
                case "wireBytes":
                    wireBytes = amount();
                    break;
                case "replyBytes":
                    replyBytes = amount();
                    break;
                case "agreement":
                    agreement = share();
                    break;
                case "leakage":
                    leakage = share();
                    break;
                case "headMemoryBytes":
                    headMemoryBytes = json.whole();
                    if (headMemoryBytes < 0) {
                        throw json.wrong(Long.toString(headMemoryBytes), "0 or more");
                    }
                    break;
                default:
                    measured = json.flag();
            }
        }

        private int point() throws IOException {
            int value = json.integer();
            if (value <= pointBefore || value > MAX_LOCAL) {
                throw json.wrong(Integer.toString(value), "0 to " + MAX_LOCAL + ", rising from row to row");
            }
            return value;
        }

        private double amount() throws IOException {
            double value = json.real64();
            if (value < 0) {
                throw json.wrong(DecimalText.of(value), "0 or more");
            }
            return value;
        }

        private double share() throws IOException {
            if (json.isNull()) {
                return Double.NaN;
            }
            double value = json.real64();
            if (!(value >= 0 && value <= 1)) {
                throw json.wrong(DecimalText.of(value), "0 to 1, or null");
            }
            return value;
        }
    }
}
