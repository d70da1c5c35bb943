package dev.cleave.sample.screen;

import dev.cleave.edge.events.Waterfall;
import dev.cleave.sample.R;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The parts of a waterfall in the order in which they happen, with their names and colours. They add up to the total. */
enum Stage {
    HEAD(R.string.stage_head, R.color.stage_head, Waterfall::headMillis),
    ENCODE(R.string.stage_encode, R.color.stage_encode, Waterfall::encodeMillis),
    UPLINK(R.string.stage_uplink, R.color.stage_uplink, Waterfall::uplinkMillis),
    QUEUE(R.string.stage_queue, R.color.stage_queue, Waterfall::queueMillis),
    DECODE(R.string.stage_decode, R.color.stage_decode, Waterfall::decodeMillis),
    TAIL(R.string.stage_tail, R.color.stage_tail, Waterfall::tailMillis),
    GATEWAY_OTHER(R.string.stage_gateway_other, R.color.stage_gateway_other, Waterfall::gatewayOtherMillis),
    DOWNLINK(R.string.stage_downlink, R.color.stage_downlink, Waterfall::downlinkMillis),
    DEVICE_OTHER(R.string.stage_device_other, R.color.stage_device_other, Waterfall::deviceOtherMillis);

    /** A stage that took some time. */
    record Slice(Stage stage, double millis) {}

    /** Anything shorter is left out: no pixel would show it. */
    private static final double LEAST_MILLIS = 0.005;

    /** A string. */
    final int title;

    /** A colour. */
    final int colour;

    private final ToDoubleFunction<Waterfall> millis;

    Stage(int title, int colour, ToDoubleFunction<Waterfall> millis) {
        this.title = title;
        this.colour = colour;
        this.millis = millis;
    }

    /** The stages that took some time. */
    static List<Slice> slices(Waterfall waterfall) {
        List<Slice> slices = new ArrayList<>();
        for (Stage stage : values()) {
            double millis = stage.millis.applyAsDouble(waterfall);
            if (millis >= LEAST_MILLIS) {
                slices.add(new Slice(stage, millis));
            }
        }
        return slices;
    }
}
