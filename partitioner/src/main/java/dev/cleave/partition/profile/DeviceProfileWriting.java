package dev.cleave.partition.profile;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import dev.cleave.engine.Machine;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfile.NodeCost;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.io.StringWriter;

/** Puts a {@link DeviceProfile} into the words of {@code device.json}. One thread. */
final class DeviceProfileWriting {
    private final JsonWriter json;

    private DeviceProfileWriting(JsonWriter json) {
        this.json = json;
    }

    static String text(DeviceProfile profile) {
        StringWriter text = new StringWriter();
        try {
            JsonWriter json = new JsonWriter(text);
            json.setFormattingStyle(FormattingStyle.PRETTY);
            new DeviceProfileWriting(json).profile(profile);
            json.flush();
        } catch (IOException impossible) {
            throw new IllegalStateException("a StringWriter does not fail", impossible);
        }
        return text.append('\n').toString();
    }

    private void profile(DeviceProfile profile) throws IOException {
        json.beginObject();
        json.name("format").value(DeviceProfileJson.FORMAT);
        json.name("toolVersion").value(profile.toolVersion());
        json.name("machine");
        machine(profile.machine());
        json.name("engine");
        engine(profile.engine());
        json.name("model");
        model(profile.model());
        json.name("whole");
        whole(profile.whole());
        json.name("nodes");
        nodes(profile.nodes());
        json.name("spotChecks").beginArray();
        for (SpotCheck check : profile.spotChecks()) {
            spotCheck(check);
        }
        json.endArray();
        json.name("batch");
        batch(profile.batch());
        json.name("drift").value(profile.drift());
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

    private void engine(DeviceProfile.EngineUse engine) throws IOException {
        json.beginObject();
        json.name("name").value(engine.name());
        json.name("version").value(engine.version());
        json.name("provider").value(engine.provider());
        json.name("threads").value(engine.threads());
        json.endObject();
    }

    private void model(DeviceProfile.ModelId model) throws IOException {
        json.beginObject();
        json.name("file").value(model.file());
        json.name("sha256").value(model.sha256());
        json.name("precision").value(model.precision());
        json.endObject();
    }

    private void whole(DeviceProfile.Whole whole) throws IOException {
        json.beginObject();
        json.name("medianMillis").value(whole.medianMillis());
        json.name("spread").value(whole.spread());
        json.name("runs").value(whole.runs());
        json.name("inputs").beginArray();
        for (TensorSpec input : whole.inputs()) {
            json.beginObject();
            json.name("name").value(input.name());
            json.name("type").value(input.type().jsonName());
            json.name("shape").beginArray();
            for (long dim : input.shape().dims()) {
                json.value(dim);
            }
            json.endArray().endObject();
        }
        json.endArray();
        json.name("memory");
        memory(whole.memory());
        json.endObject();
    }

    private void memory(MemoryEstimate memory) throws IOException {
        if (memory == null) {
            json.nullValue();
            return;
        }
        json.beginObject();
        json.name("weightBytes").value(memory.weightBytes());
        json.name("liveBytes").value(memory.liveBytes());
        json.endObject();
    }

    private void nodes(DeviceProfile.NodeTimes nodes) throws IOException {
        json.beginObject();
        json.name("perNode").value(nodes.measured() ? "measured" : "estimated");
        json.name("reason").value(nodes.reason());
        json.name("tracedShare").value(nodes.tracedShare());
        json.name("costs").beginArray();
        for (NodeCost cost : nodes.costs()) {
            json.beginObject();
            json.name("node").value(cost.node());
            json.name("output").value(cost.output());
            json.name("operator").value(cost.operator());
            json.name("millis").value(cost.millis());
            json.endObject();
        }
        json.endArray().endObject();
    }

    private void spotCheck(SpotCheck check) throws IOException {
        json.beginObject();
        json.name("boundary").beginArray();
        for (String tensor : check.boundary()) {
            json.value(tensor);
        }
        json.endArray();
        json.name("headMillis").value(check.headMillis());
        json.name("tailMillis").value(check.tailMillis());
        json.name("runs").value(check.runs());
        json.name("spread").value(check.spread());
        json.name("headMemory");
        memory(check.head());
        json.name("tailMemory");
        memory(check.tail());
        json.endObject();
    }

    private void batch(DeviceProfile.BatchCurve batch) throws IOException {
        json.beginObject();
        json.name("times").beginArray();
        for (BatchTime time : batch.times()) {
            json.beginObject();
            json.name("rows").value(time.rows());
            json.name("millis").value(time.millis());
            json.endObject();
        }
        json.endArray();
        json.name("skipped").value(batch.skipped());
        json.endObject();
    }
}
