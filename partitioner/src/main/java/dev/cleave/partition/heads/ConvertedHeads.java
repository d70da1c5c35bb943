package dev.cleave.partition.heads;

import dev.cleave.bundle.HeadMeasurement;
import java.util.List;

/**
 * The segments of a ladder that TensorFlow Lite can run on devices: the first ones, up to what stands in the way.
 * Immutable.
 *
 * @param segments flatbuffers of segments 0, 1 ..; their number is also the last point that has such a head
 * @param of number of segments of the ladder
 * @param obstacle why the next segment has no such form; null if all have one
 * @param measured what the heads gave, by point; empty where they were not run
 */
public record ConvertedHeads(List<byte[]> segments, int of, Obstacle obstacle, List<HeadMeasurement> measured) {
    public ConvertedHeads {
        segments = List.copyOf(segments);
        measured = List.copyOf(measured);
    }

    /**
     * What stands in the way of a segment.
     *
     * @param segment its number
     * @param operator by its ONNX name; empty where it is no operator
     * @param reason one line that names what was found and what was expected
     */
    public record Obstacle(int segment, String operator, String reason) {
        /** {@code segment-2: Resize "up3": mode cubic; expected nearest or linear}. */
        @Override
        public String toString() {
            return "segment-" + segment + ": " + reason;
        }
    }

    /** The last point that has such a head; 0: none; {@code of}: LOCAL has one, too. */
    public int through() {
        return segments.size();
    }

    /** The same heads with what they gave. */
    public ConvertedHeads withMeasured(List<HeadMeasurement> heads) {
        return new ConvertedHeads(segments, of, obstacle, heads);
    }

    /**
     * Fewer of them.
     *
     * @param through the last point that keeps its head, before {@link #through}
     * @param why in one line
     */
    public ConvertedHeads until(int through, String why) {
        return new ConvertedHeads(
                segments.subList(0, through),
                of,
                new Obstacle(through, "", why),
                measured.stream().filter(head -> head.point() <= through).toList());
    }
}
