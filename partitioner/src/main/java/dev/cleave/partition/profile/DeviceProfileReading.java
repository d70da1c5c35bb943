package dev.cleave.partition.profile;

import dev.cleave.bundle.StrictJson;
import dev.cleave.engine.Machine;
import dev.cleave.partition.profile.DeviceProfile.BatchCurve;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfile.EngineUse;
import dev.cleave.partition.profile.DeviceProfile.ModelId;
import dev.cleave.partition.profile.DeviceProfile.NodeCost;
import dev.cleave.partition.profile.DeviceProfile.NodeTimes;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.profile.DeviceProfile.Whole;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads {@code device.json}; a value is checked where it is read, so that a refusal has its path. One thread. */
final class DeviceProfileReading {
    private static final int MAX_TEXT = 1 << 13;
    private static final int MAX_NAME = 1 << 16;
    private static final int MAX_TENSORS = 1 << 12;
    private static final int MAX_NODES = 1 << 20;
    private static final int MAX_ROWS = 1 << 20;
    private static final int MAX_SPOT_CHECKS = 1 << 12;

    private static final List<String> PER_NODE = List.of("measured", "estimated");
    private static final List<String> PRECISIONS = List.of("fp32", "fp16", "int8");

    private final StrictJson json;

    DeviceProfileReading(StrictJson json) {
        this.json = json;
    }

    /** Reads the value of a key. */
    private interface Member {
        Object read(String key) throws IOException;
    }

    /** The values of an object, each of the type that its key has. */
    private record Fields(Map<String, Object> values) {
        <T> T get(String key, Class<T> type) {
            return type.cast(values.get(key));
        }

        String text(String key) {
            return get(key, String.class);
        }

        double number(String key) {
            return get(key, Double.class);
        }

        int count(String key) {
            return get(key, Integer.class);
        }

        <T> List<T> list(String key, Class<T> element) {
            return get(key, List.class) == null
                    ? List.of()
                    : ((List<?>) values.get(key)).stream().map(element::cast).toList();
        }
    }

    /** Reads no more than the format version, and refuses others than this release's. */
    static Integer format(StrictJson json) throws IOException {
        DeviceProfileReading reading = new DeviceProfileReading(json);
        return reading.object("format", key -> {
                    int format = json.integer();
                    if (format != DeviceProfileJson.FORMAT) {
                        throw json.wrong(
                                "format version " + format, DeviceProfileJson.FORMAT + ", which this release reads");
                    }
                    return format;
                })
                .count("format");
    }

    DeviceProfile profile() throws IOException {
        Fields fields =
                object("toolVersion machine engine model whole nodes spotChecks batch drift", key -> switch (key) {
                    case "machine" -> machine();
                    case "engine" -> engine();
                    case "model" -> model();
                    case "whole" -> whole();
                    case "nodes" -> nodes();
                    case "spotChecks" -> json.list(MAX_SPOT_CHECKS, element -> spotCheck());
                    case "batch" -> batch();
                    default -> json.text(MAX_TEXT);
                });
        return new DeviceProfile(
                fields.text("toolVersion"),
                fields.get("machine", Machine.class),
                fields.get("engine", EngineUse.class),
                fields.get("model", ModelId.class),
                fields.get("whole", Whole.class),
                fields.get("nodes", NodeTimes.class),
                fields.list("spotChecks", SpotCheck.class),
                fields.get("batch", BatchCurve.class),
                fields.text("drift"));
    }

    private Machine machine() throws IOException {
        Fields fields = object(
                "name os architecture cpu cores",
                key -> key.equals("cores") ? (Object) count(1, Integer.MAX_VALUE) : json.text(MAX_TEXT));
        return new Machine(
                fields.text("name"),
                fields.text("os"),
                fields.text("architecture"),
                fields.text("cpu"),
                fields.count("cores"));
    }

    private EngineUse engine() throws IOException {
        Fields fields = object(
                "name version provider threads",
                key -> key.equals("threads") ? (Object) count(0, Integer.MAX_VALUE) : json.text(MAX_TEXT));
        return new EngineUse(
                fields.text("name"), fields.text("version"), fields.text("provider"), fields.count("threads"));
    }

    private ModelId model() throws IOException {
        Fields fields = object("file sha256 precision", key -> switch (key) {
            case "sha256" -> sha256();
            case "precision" -> oneOf(PRECISIONS);
            default -> json.text(MAX_TEXT);
        });
        return new ModelId(fields.text("file"), fields.text("sha256"), fields.text("precision"));
    }

    private Whole whole() throws IOException {
        Fields fields = object("medianMillis spread runs inputs memory", key -> switch (key) {
            case "runs" -> count(1, Integer.MAX_VALUE);
            case "inputs" -> json.list(MAX_TENSORS, element -> input());
            case "memory" -> memory();
            default -> notNegative();
        });
        return new Whole(
                fields.number("medianMillis"),
                fields.number("spread"),
                fields.count("runs"),
                fields.list("inputs", TensorSpec.class),
                fields.get("memory", MemoryEstimate.class));
    }

    private TensorSpec input() throws IOException {
        Fields fields = object("name type shape", key -> switch (key) {
            case "name" -> json.text(MAX_NAME);
            case "type" -> elementType();
            default -> shape();
        });
        return new TensorSpec(
                fields.text("name"), fields.get("type", ElementType.class), fields.get("shape", Shape.class));
    }

    /** Null where it is not known. */
    private MemoryEstimate memory() throws IOException {
        if (json.isNull()) {
            return null;
        }
        Fields fields = object("weightBytes liveBytes", key -> bytes());
        return new MemoryEstimate(fields.get("weightBytes", Long.class), fields.get("liveBytes", Long.class));
    }

    private NodeTimes nodes() throws IOException {
        Fields fields = object("perNode reason tracedShare costs", key -> switch (key) {
            case "perNode" -> oneOf(PER_NODE);
            case "tracedShare" -> share();
            case "costs" -> costs();
            default -> json.text(MAX_TEXT);
        });
        return new NodeTimes(
                fields.text("perNode").equals("measured"),
                fields.text("reason"),
                fields.number("tracedShare"),
                fields.list("costs", NodeCost.class));
    }

    private List<NodeCost> costs() throws IOException {
        int[] last = {-1};
        return json.list(MAX_NODES, element -> {
            Fields fields = object("node output operator millis", key -> switch (key) {
                case "node" -> last[0] = count(last[0] + 1, Integer.MAX_VALUE - 1);
                case "millis" -> notNegative();
                default -> json.text(MAX_NAME);
            });
            return new NodeCost(
                    fields.count("node"), fields.text("output"), fields.text("operator"), fields.number("millis"));
        });
    }

    private SpotCheck spotCheck() throws IOException {
        Fields fields = object("boundary headMillis tailMillis runs spread headMemory tailMemory", key -> switch (key) {
            case "boundary" -> json.list(MAX_TENSORS, element -> json.text(MAX_NAME));
            case "runs" -> count(1, Integer.MAX_VALUE);
            case "headMemory", "tailMemory" -> memory();
            default -> notNegative();
        });
        return new SpotCheck(
                fields.list("boundary", String.class),
                fields.number("headMillis"),
                fields.number("tailMillis"),
                fields.count("runs"),
                fields.number("spread"),
                fields.get("headMemory", MemoryEstimate.class),
                fields.get("tailMemory", MemoryEstimate.class));
    }

    private BatchCurve batch() throws IOException {
        int[] last = {0};
        Fields fields = object(
                "times skipped",
                key -> key.equals("skipped")
                        ? json.text(MAX_TEXT)
                        : json.list(MAX_ROWS, element -> {
                            Fields time = object(
                                    "rows millis",
                                    each -> each.equals("rows")
                                            ? (Object) (last[0] = count(last[0] + 1, MAX_ROWS))
                                            : notNegative());
                            return new BatchTime(time.count("rows"), time.number("millis"));
                        }));
        return new BatchCurve(fields.list("times", BatchTime.class), fields.text("skipped"));
    }

    private Fields object(String keys, Member member) throws IOException {
        Map<String, Object> values = new HashMap<>();
        json.lenient(Arrays.asList(keys.split(" ")), key -> values.put(key, member.read(key)));
        return new Fields(values);
    }

    private int count(int low, int high) throws IOException {
        int value = json.integer();
        if (value < low || value > high) {
            throw json.wrong(Integer.toString(value), low + " to " + high);
        }
        return value;
    }

    private long bytes() throws IOException {
        long value = json.whole();
        if (value < 0) {
            throw json.wrong(Long.toString(value), "0 or more");
        }
        return value;
    }

    private double notNegative() throws IOException {
        double value = json.real64();
        if (!(value >= 0)) {
            throw json.wrong(Double.toString(value), "0 or more");
        }
        return value;
    }

    private double share() throws IOException {
        double value = json.real64();
        if (!(value >= 0 && value <= 1)) {
            throw json.wrong(Double.toString(value), "0 to 1");
        }
        return value;
    }

    private String oneOf(List<String> expected) throws IOException {
        String text = json.text(MAX_TEXT);
        if (!expected.contains(text)) {
            throw json.wrongText(text, "one of " + expected);
        }
        return text;
    }

    private String sha256() throws IOException {
        String text = json.text(MAX_TEXT);
        if (!text.matches("[0-9a-f]{64}")) {
            throw json.wrongText(text, "64 lower-case hex digits");
        }
        return text;
    }

    private ElementType elementType() throws IOException {
        String text = json.text(MAX_TEXT);
        return Stream.of(ElementType.values())
                .filter(type -> type.jsonName().equals(text))
                .findFirst()
                .orElseThrow(() -> json.wrongText(text, "the name of an element type"));
    }

    private Shape shape() throws IOException {
        return Shape.of(json.list(Shape.MAX_RANK, element -> bytes()).stream()
                .mapToLong(Long::longValue)
                .toArray());
    }
}
