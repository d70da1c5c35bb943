package dev.cleave.gateway.model;

/** An agent's stream, as the model that it is open for sees it. Thread-safe; never calls back into the model. */
public interface OpenStream {
    /** Tells the agent to open its next stream elsewhere. */
    void drain(long graceNanos);

    /** Ends the stream once everything has been sent. */
    void end();
}
