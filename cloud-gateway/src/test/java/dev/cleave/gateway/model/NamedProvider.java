package dev.cleave.gateway.model;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.ForwardingEngine;
import dev.cleave.engine.ForwardingSession;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;

/** An engine whose sessions say that they run on some execution provider. */
public final class NamedProvider extends ForwardingEngine {
    private final String provider;

    public NamedProvider(Engine engine, String provider) {
        super(engine);
        this.provider = provider;
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        return new ForwardingSession(super.load(graph, options)) {
            @Override
            public String provider() {
                return provider;
            }
        };
    }
}
