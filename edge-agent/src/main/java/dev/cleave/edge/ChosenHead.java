package dev.cleave.edge;

import dev.cleave.edge.device.HeadMeasuring;
import dev.cleave.edge.events.EngineUse;
import dev.cleave.edge.head.HeadRunner;

/** The head of one version of the model, what it runs on as an application is told, and the measuring that may change that. Thread-safe. */
final class ChosenHead {
    private final HeadRunner runner;
    private final AgentSurroundings surroundings;
    private volatile EngineUse use;
    /** Null if there is nothing to find out. */
    private HeadMeasuring measuring;

    ChosenHead(HeadRunner runner, EngineUse use, AgentSurroundings surroundings) {
        this.runner = runner;
        this.use = use;
        this.surroundings = surroundings;
    }

    /** Before {@link #start}. */
    void measureWith(HeadMeasuring value) {
        measuring = value;
    }

    HeadRunner runner() {
        return runner;
    }

    EngineUse use() {
        return use;
    }

    /** Tells what it runs on, and begins to measure if there is anything to find out. */
    void start() {
        changed(use);
        if (measuring != null) {
            measuring.start();
        }
    }

    /** Something else runs it from now on, or it is known why not. */
    void changed(EngineUse now) {
        use = now;
        surroundings.engineInUse(now);
    }

    /** Another version is in use: what would be found out is of no use any more. */
    void retire() {
        if (measuring != null) {
            measuring.close();
        }
    }

    /** Ends the measuring and lets a segment that runs finish; does not wait for it. */
    void close() {
        retire();
        runner.close();
    }
}
