package dev.cleave.edge.report;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.ShadowCheck;
import dev.cleave.v1.Report;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sums up the requests that ended since the last report, by the point that was chosen for them. Thread-safe.
 *
 * <p>Stages are those of requests that were answered at that point; the total is that of every answer, also of those
 * that the device made in the gateway's place.
 */
public final class FieldReport implements AgentListener {
    /** A request that has not ended: at most as many as the agent takes. */
    private static final class Open {
        final int point;
        boolean takenUp;
        Answer answer;

        Open(int point) {
            this.point = point;
        }
    }

    private final Map<Long, Open> open = new HashMap<>();
    private final SortedMap<Integer, PointSummary> points = new TreeMap<>();

    @Override
    public synchronized void requestStarted(long request, int splitPoint, int rows) {
        open.put(request, new Open(splitPoint));
    }

    @Override
    public synchronized void fallback(long request, Fallback why) {
        Open taken = open.get(request);
        if (taken != null) {
            taken.takenUp = true;
        }
    }

    @Override
    public synchronized void requestAnswered(long request, Answer answer) {
        Open answered = open.get(request);
        if (answered != null) {
            answered.answer = answer;
        }
    }

    @Override
    public synchronized void requestEnded(long request, String failure) {
        Open ended = open.remove(request);
        if (ended != null) {
            points.computeIfAbsent(ended.point, PointSummary::new).ended(ended.answer, ended.takenUp);
        }
    }

    @Override
    public synchronized void shadowChecked(long request, ShadowCheck check) {
        points.computeIfAbsent(check.splitPoint(), PointSummary::new).shadowed(check);
    }

    /**
     * The report, and a new beginning.
     *
     * @param networkClass {@code wifi}, {@code cellular}, {@code ethernet} or {@code unknown}
     * @return null if no request ended since the last one
     */
    public synchronized Report take(String networkClass) {
        Report.Builder report = Report.newBuilder().setNetworkClass(networkClass);
        for (PointSummary point : points.values()) {
            if (!point.isEmpty()) {
                report.addPoints(point.report());
                point.clear();
            }
        }
        return report.getPointsCount() == 0 ? null : report.build();
    }
}
