package dev.cleave.edge;

import dev.cleave.edge.head.EngineSource;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.FakeEngine;
import dev.cleave.engine.GraphFormat;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A class path with an engine for each form of a graph: {@code sound}, which defines the answers, and {@code other}. Thread-safe. */
final class TwoEngines implements EngineSource {
    final FakeEngine sound;
    final FakeEngine other;
    /** Names in the order in which they were asked for. */
    final List<String> created = new CopyOnWriteArrayList<>();

    private final List<String> released = new CopyOnWriteArrayList<>();
    /** Why the other one does not run here; null if it does. */
    volatile String otherIsMissing;

    TwoEngines(String otherVersion, FakeEngine.Sleeper sleeper) {
        sound = new FakeEngine("sound", "1", GraphFormat.ONNX, sleeper);
        other = new FakeEngine("other", otherVersion, GraphFormat.TFLITE, sleeper);
    }

    @Override
    public List<String> names() {
        return Arrays.asList("sound", "other");
    }

    @Override
    public Engine create(String name) throws EngineException {
        created.add(name);
        if (name.equals("other") && otherIsMissing != null) {
            throw new EngineException(otherIsMissing);
        }
        return name.equals("sound") ? sound : other;
    }

    @Override
    public void release(Engine engine) {
        released.add(engine.name());
    }

    /** Whether nothing is left of what was made: sessions, engines. */
    boolean isAllClosed() {
        return sound.openSessions() == 0 && other.openSessions() == 0 && released.size() >= madeOf(created);
    }

    private int madeOf(List<String> asked) {
        Function<String, Boolean> wasMade = name -> !name.equals("other") || otherIsMissing == null;
        return (int) asked.stream().filter(wasMade::apply).count();
    }
}
