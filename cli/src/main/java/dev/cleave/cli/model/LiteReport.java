package dev.cleave.cli.model;

import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.cli.output.Terminal;
import dev.cleave.partition.heads.ConvertedHeads;
import java.util.List;
import java.util.stream.IntStream;

/** What {@code cleave split --tflite} prints of the heads that it wrote. */
final class LiteReport {
    /**
     * The JSON.
     *
     * @param segments number of segments that have the form
     * @param points that have such a head; k+1 among them: LOCAL
     * @param obstacle what stands in the way of the next segment; null if all have the form
     * @param engine that ran the heads; null if none did
     * @param notRun why; null if one did
     */
    record Document(
            int segments, List<Integer> points, Obstacle obstacle, String engine, String notRun, List<HeadRow> heads) {}

    /** @param operator by its ONNX name; empty where it is no operator */
    record Obstacle(int segment, String operator, String reason) {}

    private final ConvertedHeads heads;
    private final String notRun;

    /** @param notRun why heads were not run, or null */
    LiteReport(ConvertedHeads heads, String notRun) {
        this.heads = heads;
        this.notRun = notRun;
    }

    Document document() {
        ConvertedHeads.Obstacle obstacle = heads.obstacle();
        List<HeadMeasurement> measured = heads.measured();
        return new Document(
                heads.through(),
                IntStream.rangeClosed(1, heads.through()).boxed().toList(),
                obstacle == null ? null : new Obstacle(obstacle.segment(), obstacle.operator(), obstacle.reason()),
                measured.isEmpty() ? null : measured.get(0).engine(),
                notRun,
                HeadRow.of(measured));
    }

    void print(Terminal terminal) {
        terminal.print("heads for TensorFlow Lite: " + reach());
        if (!heads.measured().isEmpty()) {
            terminal.print(HeadRow.table(heads.measured()));
        }
        if (notRun != null) {
            terminal.print("heads for TensorFlow Lite were not run: " + notRun);
        }
    }

    private String reach() {
        if (heads.obstacle() == null) {
            return "at every point, and LOCAL";
        }
        String points = heads.through() == 1 ? "at point 1" : "at points 1 to " + heads.through();
        return points + " of " + (heads.of() - 1) + ", not LOCAL; " + heads.obstacle();
    }
}
