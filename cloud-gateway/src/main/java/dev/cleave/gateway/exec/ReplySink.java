package dev.cleave.gateway.exec;

/** Takes a request's one outcome. Called on any thread; must not block and must not throw. */
@FunctionalInterface
public interface ReplySink {
    void reply(InferenceTask task, Outcome outcome);
}
