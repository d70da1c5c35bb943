package dev.cleave.edge.events;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The parts of a {@link Waterfall} that are compared across requests and devices. */
public enum Stage {
    HEAD(Waterfall::headMillis),
    ENCODE(Waterfall::encodeMillis),
    UPLINK(Waterfall::uplinkMillis),
    QUEUE(Waterfall::queueMillis),
    DECODE(Waterfall::decodeMillis),
    TAIL(Waterfall::tailMillis),
    DOWNLINK(Waterfall::downlinkMillis),
    /** From the call to the answer: more than the sum of the others. */
    TOTAL(Waterfall::totalMillis);

    private final ToDoubleFunction<Waterfall> millis;

    Stage(ToDoubleFunction<Waterfall> millis) {
        this.millis = millis;
    }

    public double millis(Waterfall waterfall) {
        return millis.applyAsDouble(waterfall);
    }

    /** The name in metrics and on the wire: {@code head}, {@code uplink}, {@code total}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
