package dev.cleave.sample.agent;

import android.os.Bundle;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a screen shows of an answer: small, and able to outlive the process in a saved state.
 *
 * @param scores best first; empty if the model is no classifier
 * @param wireBytes sent to the gateway; 0 if nothing left the device
 * @param batchSize rows in the gateway's batch
 * @param why it was cut there, and why the device took it up if it did; one line, in the agent's words
 */
public record Answer(
        List<Score> scores,
        Source source,
        int splitPoint,
        Waterfall waterfall,
        long wireBytes,
        int batchSize,
        boolean deadlineMet,
        String why) {
    private static final int SCORES = 3;

    public Answer {
        scores = Collections.unmodifiableList(new ArrayList<>(scores));
    }

    static Answer of(InferenceResult result, List<String> labels) {
        String fallback =
                result.fallback() == null ? "" : "; " + result.fallback().message();
        return new Answer(
                Score.best(result, labels, SCORES),
                result.source(),
                result.splitPoint(),
                result.waterfall(),
                result.wireBytes(),
                result.batchSize(),
                result.deadlineMet(),
                result.decision().why() + fallback);
    }

    /** For {@link #read}. */
    public Bundle write() {
        Bundle saved = new Bundle();
        int[] indices = new int[scores.size()];
        String[] labels = new String[scores.size()];
        double[] probabilities = new double[scores.size()];
        for (int i = 0; i < scores.size(); i++) {
            indices[i] = scores.get(i).index();
            labels[i] = scores.get(i).label();
            probabilities[i] = scores.get(i).probability();
        }
        saved.putIntArray("indices", indices);
        saved.putStringArray("labels", labels);
        saved.putDoubleArray("probabilities", probabilities);
        saved.putString("source", source.name());
        saved.putInt("splitPoint", splitPoint);
        saved.putDoubleArray("waterfall", millis(waterfall));
        saved.putLong("wireBytes", wireBytes);
        saved.putInt("batchSize", batchSize);
        saved.putBoolean("deadlineMet", deadlineMet);
        saved.putString("why", why);
        return saved;
    }

    /** What {@link #write} has written; null for null. */
    public static Answer read(Bundle saved) {
        if (saved == null) {
            return null;
        }
        int[] indices = saved.getIntArray("indices");
        String[] labels = saved.getStringArray("labels");
        double[] probabilities = saved.getDoubleArray("probabilities");
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < indices.length; i++) {
            scores.add(new Score(indices[i], labels[i], probabilities[i]));
        }
        return new Answer(
                scores,
                Source.valueOf(saved.getString("source")),
                saved.getInt("splitPoint"),
                waterfall(saved.getDoubleArray("waterfall")),
                saved.getLong("wireBytes"),
                saved.getInt("batchSize"),
                saved.getBoolean("deadlineMet"),
                saved.getString("why"));
    }

    private static double[] millis(Waterfall parts) {
        return new double[] {
            parts.headMillis(),
            parts.encodeMillis(),
            parts.uplinkMillis(),
            parts.queueMillis(),
            parts.decodeMillis(),
            parts.tailMillis(),
            parts.downlinkMillis(),
            parts.networkMillis(),
            parts.gatewayOtherMillis(),
            parts.deviceOtherMillis(),
            parts.totalMillis()
        };
    }

    private static Waterfall waterfall(double[] m) {
        return new Waterfall(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10]);
    }
}
