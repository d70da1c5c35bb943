package dev.cleave.edge.head;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import java.util.Collections;
import java.util.List;

/** Where a head's engines come from. Thread-safe. */
public interface EngineSource {
    /** The class path; each engine that is made is closed when its head is. */
    EngineSource CLASS_PATH = new EngineSource() {
        @Override
        public List<String> names() {
            return Engines.names();
        }

        @Override
        public Engine create(String name) throws EngineException {
            return Engines.create(name);
        }

        @Override
        public void release(Engine engine) {
            engine.close();
        }
    };

    /** One engine that stays the caller's. */
    static EngineSource only(Engine engine) {
        return new EngineSource() {
            @Override
            public List<String> names() {
                return Collections.singletonList(engine.name());
            }

            @Override
            public Engine create(String name) {
                return engine;
            }

            @Override
            public void release(Engine unused) {}
        };
    }

    /** Best first; the first defines answers, so it is the one where nothing speaks for another. */
    List<String> names();

    /** @throws EngineException if it cannot run here, saying why */
    Engine create(String name) throws EngineException;

    /** Takes back an engine that nobody uses any more. */
    void release(Engine engine);
}
