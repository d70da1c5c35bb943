package dev.cleave.engine.onnxruntime;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.cleave.engine.OperatorTime;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * The events of ONNX Runtime's profile, run by run.
 *
 * <p>The file is a list in Chrome's trace format, in the order in which things ended: the kernels of a run
 * ({@code cat: Node}, {@code name: NODE_kernel_time}), then the run itself ({@code name: model_run}). A kernel that ran
 * bodies ends after the kernels in them, which lie within its time; those are left out.
 */
final class ProfileEvents {
    private static final String KERNEL = "_kernel_time";
    private static final long NANOS_PER_MICRO = 1000;

    private static final class Event {
        private String category = "";
        private String name = "";
        private String operator = "";
        private long startMicros;
        private long micros;

        long endMicros() {
            return startMicros + micros;
        }

        boolean isKernel() {
            return category.equals("Node") && name.endsWith(KERNEL);
        }

        boolean isRun() {
            return category.equals("Session") && name.equals("model_run");
        }

        OperatorTime time() {
            String node = name.substring(0, name.length() - KERNEL.length());
            return new OperatorTime(node, operator, micros * NANOS_PER_MICRO);
        }
    }

    private ProfileEvents() {}

    static List<List<OperatorTime>> read(JsonReader json) throws IOException {
        List<List<OperatorTime>> runs = new ArrayList<>();
        Deque<Event> kernels = new ArrayDeque<>();
        json.beginArray();
        while (json.hasNext()) {
            Event event = event(json);
            if (event.isKernel()) {
                add(event, kernels);
            } else if (event.isRun()) {
                runs.add(times(kernels));
                kernels.clear();
            }
        }
        json.endArray();
        return runs;
    }

    /** Adds a kernel that has just ended, and takes away those that ran within its time. */
    private static void add(Event kernel, Deque<Event> ended) {
        while (!ended.isEmpty() && ended.getLast().endMicros() > kernel.startMicros) {
            ended.removeLast();
        }
        ended.addLast(kernel);
    }

    private static List<OperatorTime> times(Deque<Event> kernels) {
        List<OperatorTime> times = new ArrayList<>();
        for (Event kernel : kernels) {
            times.add(kernel.time());
        }
        return Collections.unmodifiableList(times);
    }

    private static Event event(JsonReader json) throws IOException {
        Event event = new Event();
        json.beginObject();
        while (json.hasNext()) {
            String key = json.nextName();
            switch (key) {
                case "cat":
                    event.category = json.nextString();
                    break;
                case "name":
                    event.name = json.nextString();
                    break;
                case "ts":
                    event.startMicros = json.nextLong();
                    break;
                case "dur":
                    event.micros = json.nextLong();
                    break;
                case "args":
                    event.operator = operator(json);
                    break;
                default:
                    json.skipValue();
            }
        }
        json.endObject();
        return event;
    }

    private static String operator(JsonReader json) throws IOException {
        String operator = "";
        json.beginObject();
        while (json.hasNext()) {
            if (json.nextName().equals("op_name") && json.peek() == JsonToken.STRING) {
                operator = json.nextString();
            } else {
                json.skipValue();
            }
        }
        json.endObject();
        return operator;
    }
}
