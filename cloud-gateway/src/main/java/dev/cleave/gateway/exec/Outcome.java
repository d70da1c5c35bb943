package dev.cleave.gateway.exec;

import java.nio.ByteBuffer;

/**
 * What became of a request: exactly one of {@code payload} and {@code refusal} is there.
 *
 * @param payload encoded outputs, position to limit; the receiver's to keep
 */
public record Outcome(ByteBuffer payload, Refusal refusal, Timing timing) {
    public static Outcome answer(ByteBuffer payload, Timing timing) {
        return new Outcome(payload, null, timing);
    }

    public static Outcome refused(Refusal refusal, Timing timing) {
        return new Outcome(null, refusal, timing);
    }

    public boolean isAnswer() {
        return refusal == null;
    }
}
