package dev.cleave.engine.tflite;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * The interpreters of one graph: as many as runs were ever going on at once. Owns them and the model; {@link #close} frees
 * all as soon as none is lent, without waiting for that. Thread-safe.
 */
final class InterpreterPool implements AutoCloseable {
    /** An interpreter, and the shapes it is planned for. */
    static final class Lent {
        private final Interpreter interpreter;
        private List<Shape> shapes;

        private Lent(Interpreter interpreter) {
            this.interpreter = interpreter;
        }

        /** Plans for these shapes unless it is planned for them already. */
        Interpreter shaped(List<Shape> wanted) throws EngineException {
            if (!Objects.equals(shapes, wanted)) {
                shapes = null;
                interpreter.resize(wanted);
                shapes = wanted;
            }
            return interpreter;
        }

        Interpreter interpreter() {
            return interpreter;
        }
    }

    private final LoadedModel model;
    private final Deque<Lent> idle = new ArrayDeque<>();
    private int lent;
    private boolean closed;

    InterpreterPool(LoadedModel model) {
        this.model = model;
    }

    /** @throws EngineException if the pool is closed, or there can be no further interpreter */
    Lent take() throws EngineException {
        synchronized (this) {
            if (closed) {
                throw new EngineException("session is closed");
            }
            lent++;
            if (!idle.isEmpty()) {
                return idle.removeLast();
            }
        }
        try {
            return new Lent(model.newInterpreter());
        } catch (EngineException | RuntimeException | Error e) {
            back(null);
            throw e;
        }
    }

    /** Takes one back; null if it is not to be used again, for what it failed at may have left anything behind. */
    synchronized void back(Lent interpreter) {
        lent--;
        if (interpreter != null) {
            idle.addLast(interpreter);
        }
        freeIfUnused();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            freeIfUnused();
        }
    }

    // Holds once per pool: once it is closed none is lent any more, so that the number reaches 0 once.
    private void freeIfUnused() {
        if (closed && lent == 0) {
            idle.forEach(each -> each.interpreter().close());
            idle.clear();
            model.close();
        }
    }
}
