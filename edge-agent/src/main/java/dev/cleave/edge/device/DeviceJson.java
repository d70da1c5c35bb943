package dev.cleave.edge.device;

import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.StrictJson;
import dev.cleave.edge.device.DeviceRecord.EngineRecord;
import dev.cleave.edge.device.DeviceRecord.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what an agent has to know of {@code device.json}: the keys {@code machine}, {@code engine} and {@code agent}; docs/FORMATS.md has all
 * of them, {@link DeviceProfileWriting} writes them.
 *
 * <p>The file is treated as hostile: whatever is wrong with a value is said by its path, and what is read is bounded.
 */
final class DeviceJson {
    /** The format that this release reads and writes. */
    static final int FORMAT = 1;

    static final double NANOS_PER_MILLI = 1e6;

    private static final int MAX_TEXT = 1 << 13;
    private static final int MAX_ENGINES = 64;
    private static final double MAX_MILLIS = 1e9;
    private static final int MAX_SEGMENTS = 1 << 12;

    private final StrictJson json;

    private DeviceJson(StrictJson json) {
        this.json = json;
    }

    /**
     * Reads a document.
     *
     * @param name what messages call it
     * @return null if it is a profile, but none that an agent wrote
     * @throws BundleException naming the document, the key, the value and the expectation
     */
    static DeviceRecord read(String name, byte[] utf8) throws BundleException {
        DeviceRecord record = StrictJson.read(name, utf8, json -> new DeviceJson(json).record());
        if (record != null && record.chosen() == null) {
            throw new BundleException(name + ": engine.name is \""
                    + record.engine().replaceAll("[^\\w.-]", "?") + "\"; expected one of agent.engines");
        }
        return record;
    }

    /** Reads the value of a key. */
    private interface Member {
        Object read(String key) throws IOException;
    }

    private Map<String, Object> object(List<String> keys, List<String> optional, Member member) throws IOException {
        Map<String, Object> values = new HashMap<>();
        json.lenient(keys, optional, key -> values.put(key, member.read(key)));
        return values;
    }

    private Map<String, Object> object(String keys, Member member) throws IOException {
        return object(Arrays.asList(keys.split(" ")), Collections.emptyList(), member);
    }

    private DeviceRecord record() throws IOException {
        Map<String, Object> values =
                object(Arrays.asList("format", "machine", "engine"), Collections.singletonList("agent"), key -> {
                    switch (key) {
                        case "format":
                            return format();
                        case "machine":
                            return object("architecture cpu cores", each -> each.equals("cores") ? count(1) : text());
                        case "engine":
                            return object("name threads", each -> each.equals("threads") ? count(0) : text());
                        default:
                            return agent();
                    }
                });
        Map<?, ?> agent = (Map<?, ?>) values.get("agent");
        if (agent == null) {
            return null;
        }
        Map<?, ?> machine = (Map<?, ?>) values.get("machine");
        Map<?, ?> engine = (Map<?, ?>) values.get("engine");
        Subject subject = new Subject(
                (String) agent.get("bundle"),
                (String) machine.get("architecture"),
                (String) machine.get("cpu"),
                (Integer) machine.get("cores"),
                (Integer) engine.get("threads"),
                texts(agent.get("providers")));
        List<EngineRecord> engines = new ArrayList<>();
        for (Object each : (List<?>) agent.get("engines")) {
            engines.add((EngineRecord) each);
        }
        return new DeviceRecord(subject, (String) engine.get("name"), (String) agent.get("why"), engines);
    }

    private int format() throws IOException {
        int format = json.integer();
        if (format != FORMAT) {
            throw json.wrong("format version " + format, FORMAT + ", which this release reads");
        }
        return format;
    }

    private Map<String, Object> agent() throws IOException {
        return object("bundle providers why engines", key -> {
            switch (key) {
                case "providers":
                    return json.list(MAX_ENGINES, element -> text());
                case "engines":
                    return json.list(MAX_ENGINES, element -> engine());
                default:
                    return text();
            }
        });
    }

    private EngineRecord engine() throws IOException {
        Map<String, Object> values =
                object("name version provider refused timing", key -> key.equals("timing") ? timing() : text());
        return new EngineRecord(
                (String) values.get("name"),
                (String) values.get("version"),
                (String) values.get("provider"),
                (HeadTiming) values.get("timing"),
                (String) values.get("refused"));
    }

    /** Null if there is none. */
    private HeadTiming timing() throws IOException {
        if (json.isNull()) {
            return null;
        }
        Map<String, Object> values = object("segmentMillis medianMillis spreadMillis runs", key -> {
            switch (key) {
                case "segmentMillis":
                    return json.list(MAX_SEGMENTS, element -> nanos());
                case "runs":
                    return count(1);
                default:
                    return nanos();
            }
        });
        List<Double> segments = new ArrayList<>();
        for (Object each : (List<?>) values.get("segmentMillis")) {
            segments.add((Double) each);
        }
        return new HeadTiming(
                segments, (Double) values.get("medianMillis"), (Double) values.get("spreadMillis"), (Integer)
                        values.get("runs"));
    }

    private String text() throws IOException {
        return json.text(MAX_TEXT);
    }

    private Integer count(int least) throws IOException {
        int value = json.integer();
        if (value < least) {
            throw json.wrong(Integer.toString(value), least + " or more");
        }
        return value;
    }

    /** Of milliseconds. */
    private Double nanos() throws IOException {
        double millis = json.real64();
        if (!(millis >= 0 && millis <= MAX_MILLIS)) {
            throw json.wrong(Double.toString(millis), "0 to " + MAX_MILLIS);
        }
        return millis * NANOS_PER_MILLI;
    }

    private static List<String> texts(Object list) {
        List<String> texts = new ArrayList<>();
        for (Object each : (List<?>) list) {
            texts.add((String) each);
        }
        return texts;
    }
}
