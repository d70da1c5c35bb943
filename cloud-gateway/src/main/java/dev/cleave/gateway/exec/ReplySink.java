package dev.cleave.gateway.exec;

/** Takes a request's one outcome. Called on any thread; must not block and must not throw. */
@FunctionalInterface
public interface ReplySink {
    void reply(InferenceTask task, Outcome outcome);

    /**
     * Nobody reads its payload any more. Called once: before the reply, unless that comes while an executor has the request in hand, and not from there; then when the
     * executor lets go of it.
     */
    default void released(InferenceTask task) {}
}
