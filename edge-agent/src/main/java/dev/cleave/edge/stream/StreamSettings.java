package dev.cleave.edge.stream;

import dev.cleave.codec.temporal.TemporalTuning;
import dev.cleave.edge.policy.Overflow;
import java.time.Duration;
import java.util.Objects;

/**
 * How a stream treats its frames. Immutable.
 *
 * @param overflow what becomes of a frame while it cannot go on: {@code LATEST}, it waits until newer ones take its place;
 *     {@code WAIT}, it waits for its turn; {@code LOCAL}, the same, and while the gateway's window is full frames are answered on the
 *     device; {@code REJECT}, it is refused
 * @param depth frames that wait for their turn, at most, 1 or more; one more is refused, or the oldest gives way
 * @param deadline of each frame from its submission; null: the agent's
 * @param temporal whether boundaries may be coded against earlier ones that the gateway holds. Of effect where the bundle quantises
 * @param addedError mean squared error that coding against earlier boundaries may add where that saves bytes, in squared steps
 *     of the quantiser, whose own is 1/12; 0: none
 */
public record StreamSettings(Overflow overflow, int depth, Duration deadline, boolean temporal, double addedError) {
    public StreamSettings {
        Objects.requireNonNull(overflow, "overflow");
        if (depth < 1) {
            throw new IllegalArgumentException("depth " + depth + " of a stream; expected 1 or more");
        }
        if (!(addedError >= 0 && addedError <= 1)) {
            throw new IllegalArgumentException("added error " + addedError + "; expected 0 to 1");
        }
    }

    /** For whoever wants to know how things are now: the latest frame counts, one waits at most. */
    public static StreamSettings latest() {
        return new StreamSettings(Overflow.LATEST, 1, null, true, TemporalTuning.USUAL_EXCESS);
    }

    /**
     * For whoever wants all frames.
     *
     * @param depth frames that may wait for their turn
     */
    public static StreamSettings all(int depth) {
        return new StreamSettings(Overflow.WAIT, depth, null, true, TemporalTuning.USUAL_EXCESS);
    }

    public StreamSettings withOverflow(Overflow value) {
        return new StreamSettings(value, depth, deadline, temporal, addedError);
    }

    public StreamSettings withDepth(int frames) {
        return new StreamSettings(overflow, frames, deadline, temporal, addedError);
    }

    /** @param value a microsecond to a day */
    public StreamSettings withDeadline(Duration value) {
        return new StreamSettings(overflow, depth, Objects.requireNonNull(value, "deadline"), temporal, addedError);
    }

    public StreamSettings withTemporal(boolean value) {
        return new StreamSettings(overflow, depth, deadline, value, addedError);
    }

    public StreamSettings withAddedError(double value) {
        return new StreamSettings(overflow, depth, deadline, temporal, value);
    }
}
