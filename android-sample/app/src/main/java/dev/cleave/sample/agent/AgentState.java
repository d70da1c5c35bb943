package dev.cleave.sample.agent;

import dev.cleave.edge.InferenceException;
import dev.cleave.engine.EngineException;
import java.io.IOException;
import java.util.Objects;

/**
 * What the agent is doing and what came of the last photo: all that a screen needs to know. Immutable.
 *
 * @param answer to the last photo, or null
 * @param failure why there is no agent, or no answer to the last photo; null if neither is so
 * @param link to the gateway
 */
public record AgentState(Phase phase, Answer answer, String failure, Link link) {
    /** In which the agent is. */
    public enum Phase {
        /** The bundle is being loaded. */
        LOADING,
        /** There is no agent; other settings or another bundle may help. */
        BROKEN,
        /** Waits for a photo. */
        READY,
        /** A photo is being asked about. */
        RUNNING
    }

    /** To the gateway. */
    public enum Link {
        /** None is looked for: everything runs on the device. */
        NONE,
        DOWN,
        UP
    }

    static final AgentState LOADING = new AgentState(Phase.LOADING, null, null, Link.NONE);

    public AgentState {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(link, "link");
    }

    /** Whether nobody has asked about the last photo. */
    public boolean knowsNothing() {
        return answer == null && failure == null && phase != Phase.RUNNING;
    }

    AgentState loading() {
        return new AgentState(Phase.LOADING, answer, null, Link.NONE);
    }

    AgentState broken(Throwable why) {
        return new AgentState(Phase.BROKEN, answer, line(why), Link.NONE);
    }

    /** The link may have come up before this is told. */
    AgentState ready(boolean gateway) {
        Link known = link == Link.UP ? link : Link.DOWN;
        return new AgentState(Phase.READY, answer, null, gateway ? known : Link.NONE);
    }

    AgentState running() {
        return new AgentState(Phase.RUNNING, null, null, link);
    }

    AgentState answered(Answer value) {
        return new AgentState(Phase.READY, value, null, link);
    }

    AgentState failed(Throwable why) {
        return new AgentState(Phase.READY, null, line(why), link);
    }

    AgentState linked(Link value) {
        return new AgentState(phase, answer, failure, value);
    }

    /** What the agent, the bundle and the photo say is one line; anything else is named by its class as well. */
    private static String line(Throwable why) {
        boolean told = why instanceof InferenceException
                || why instanceof IOException
                || why instanceof EngineException
                || why instanceof IllegalArgumentException;
        return told && why.getMessage() != null ? why.getMessage() : why.toString();
    }
}
