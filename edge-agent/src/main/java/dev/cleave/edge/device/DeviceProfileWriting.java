package dev.cleave.edge.device;

import static dev.cleave.edge.device.DeviceJson.NANOS_PER_MILLI;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.edge.device.DeviceRecord.EngineRecord;
import dev.cleave.engine.Machine;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/**
 * Puts a {@link DeviceRecord} into the words of {@code device.json}: a profile that a planner reads like one of {@code cleave profile},
 * and beside it what an agent remembers. One thread.
 *
 * <p>An agent knows no nodes, only segments. So each point of the ladder is a spot check whose head is the segments before it, and
 * a planner divides what lies between two of them among the nodes there.
 */
final class DeviceProfileWriting {
    private final JsonWriter json;
    private final Bundle bundle;
    private final Contract contract;
    private final DeviceRecord record;

    private DeviceProfileWriting(JsonWriter json, Bundle bundle, DeviceRecord record) {
        this.json = json;
        this.bundle = bundle;
        this.contract = bundle.contract();
        this.record = record;
    }

    /**
     * The document's bytes.
     *
     * @param toolVersion of this release
     */
    static byte[] write(Bundle bundle, DeviceRecord record, Machine machine, String toolVersion) {
        StringWriter text = new StringWriter();
        try {
            JsonWriter json = new JsonWriter(text);
            json.setFormattingStyle(FormattingStyle.PRETTY);
            new DeviceProfileWriting(json, bundle, record).document(machine, toolVersion);
            json.flush();
        } catch (IOException impossible) {
            throw new IllegalStateException("a StringWriter does not fail", impossible);
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private void document(Machine machine, String toolVersion) throws IOException {
        EngineRecord chosen = record.chosen();
        json.beginObject();
        json.name("format").value(DeviceJson.FORMAT);
        json.name("toolVersion").value(toolVersion);
        json.name("machine");
        machine(machine);
        json.name("engine").beginObject();
        json.name("name").value(chosen.name());
        json.name("version").value(chosen.version());
        json.name("provider").value(chosen.provider());
        json.name("threads").value(record.of().threads());
        json.endObject();
        json.name("model").beginObject();
        json.name("file").value(contract.modelName());
        json.name("sha256").value(contract.sourceDigest());
        json.name("precision").value(contract.edgePrecision());
        json.endObject();
        double wholeNanos = chosen.timing() == null ? Double.NaN : wholeNanos(chosen.timing());
        if (!Double.isNaN(wholeNanos)) {
            profile(chosen.timing(), wholeNanos);
        }
        json.name("agent");
        agent();
        json.endObject();
    }

    private void machine(Machine machine) throws IOException {
        json.beginObject();
        json.name("name").value(machine.name());
        json.name("os").value(machine.os());
        json.name("architecture").value(machine.architecture());
        json.name("cpu").value(machine.cpu());
        json.name("cores").value(machine.cores());
        json.endObject();
    }

    /** All of the model; what this view does not hold takes as much longer than planned as what it holds. NaN where nothing was planned. */
    private double wholeNanos(HeadTiming timing) {
        int through = timing.segmentNanos().size();
        double head = timing.segmentSumNanos(0, through);
        return through == contract.local()
                ? head
                : head * PlannedHeads.wholeToHead(bundle.manifest().plan(), contract, through);
    }

    private void profile(HeadTiming timing, double wholeNanos) throws IOException {
        double spread = timing.medianNanos() > 0 ? timing.spreadNanos() / timing.medianNanos() : 0;
        json.name("whole").beginObject();
        json.name("medianMillis").value(wholeNanos / NANOS_PER_MILLI);
        json.name("spread").value(spread);
        json.name("runs").value(timing.runs());
        json.name("inputs").beginArray();
        for (TensorSpec input : contract.inputs()) {
            input(input);
        }
        json.endArray();
        json.name("memory").nullValue();
        json.endObject();
        json.name("nodes").beginObject();
        json.name("perNode").value("estimated");
        json.name("reason").value("timed by segments");
        json.name("tracedShare").value(0);
        json.name("costs").beginArray().endArray();
        json.endObject();
        json.name("spotChecks").beginArray();
        int points = Math.min(timing.segmentNanos().size(), contract.splitPoints());
        for (int point = 1; point <= points; point++) {
            double head = timing.segmentSumNanos(0, point);
            spotCheck(point, head, Math.max(0, wholeNanos - head), spread, timing.runs());
        }
        json.endArray();
        json.name("batch").beginObject();
        json.name("times").beginArray().endArray();
        json.name("skipped").value("an agent times single rows");
        json.endObject();
        json.name("drift").value("");
    }

    private void input(TensorSpec input) throws IOException {
        json.beginObject();
        json.name("name").value(input.name());
        json.name("type").value(input.type().jsonName());
        json.name("shape").beginArray();
        for (long dim : input.shape().withRows(1).dims()) {
            json.value(dim);
        }
        json.endArray().endObject();
    }

    private void spotCheck(int point, double headNanos, double tailNanos, double spread, int runs) throws IOException {
        json.beginObject();
        json.name("boundary").beginArray();
        for (BoundaryTensor tensor : contract.points().get(point).boundary()) {
            json.value(tensor.spec().name());
        }
        json.endArray();
        json.name("headMillis").value(headNanos / NANOS_PER_MILLI);
        json.name("tailMillis").value(tailNanos / NANOS_PER_MILLI);
        json.name("runs").value(runs);
        json.name("spread").value(spread);
        json.name("headMemory").nullValue();
        json.name("tailMemory").nullValue();
        json.endObject();
    }

    private void agent() throws IOException {
        json.beginObject();
        json.name("bundle").value(record.of().bundleId());
        json.name("providers").beginArray();
        for (String provider : record.of().providers()) {
            json.value(provider);
        }
        json.endArray();
        json.name("why").value(record.why());
        json.name("engines").beginArray();
        for (EngineRecord engine : record.engines()) {
            engine(engine);
        }
        json.endArray().endObject();
    }

    private void engine(EngineRecord engine) throws IOException {
        json.beginObject();
        json.name("name").value(engine.name());
        json.name("version").value(engine.version());
        json.name("provider").value(engine.provider());
        json.name("refused").value(engine.refused());
        json.name("timing");
        HeadTiming timing = engine.timing();
        if (timing == null) {
            json.nullValue();
        } else {
            json.beginObject();
            json.name("segmentMillis").beginArray();
            for (double nanos : timing.segmentNanos()) {
                json.value(nanos / NANOS_PER_MILLI);
            }
            json.endArray();
            json.name("medianMillis").value(timing.medianNanos() / NANOS_PER_MILLI);
            json.name("spreadMillis").value(timing.spreadNanos() / NANOS_PER_MILLI);
            json.name("runs").value(timing.runs());
            json.endObject();
        }
        json.endObject();
    }
}
