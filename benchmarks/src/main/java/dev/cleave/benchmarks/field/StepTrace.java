package dev.cleave.benchmarks.field;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an agent did over a link that changed in steps, against agents that kept to one point, which ran over the same steps one after
 * another. Pure.
 *
 * <p>The oracle knows the trace: it uses in each phase the point that was best there, from the phase's first request on. A phase's
 * best point is the one whose agent had the lowest median.
 *
 * @param phases in the order of time
 * @param agent the requests of the one that chooses
 * @param fixed the requests of the others, by their point
 */
record StepTrace(List<StepTrace.Phase> phases, List<Request> agent, Map<Integer, List<Request>> fixed) {
    /** A time in which the link stays as it is; from the start to the next one's. */
    record Phase(double fromSeconds, double toSeconds, String rate) {
        boolean holds(Request request) {
            return request.startSeconds() >= fromSeconds && request.startSeconds() < toSeconds;
        }
    }

    /**
     * One phase of it.
     *
     * @param bestPoint the oracle's
     * @param bestMedian its milliseconds
     * @param settledPoint the agent's last
     * @param settledMedian the agent's milliseconds from when it was in force
     * @param secondsToForce from the step until a request was made at {@code settledPoint}, after which no other point was
     * @param framesToForce requests in that time
     * @param switches changes of the point, that after the step included
     */
    record Passage(
            Phase phase,
            int bestPoint,
            double bestMedian,
            int settledPoint,
            double settledMedian,
            double secondsToForce,
            int framesToForce,
            int switches) {}

    static double p95(List<Request> requests) {
        return Statistics.quantile(millis(requests), 0.95);
    }

    static double mean(List<Request> requests) {
        return Statistics.mean(millis(requests));
    }

    static double median(List<Request> requests) {
        return Statistics.quantile(millis(requests), 0.5);
    }

    private static List<Double> millis(List<Request> requests) {
        return requests.stream().map(Request::millis).toList();
    }

    List<Passage> passages() {
        List<Passage> passages = new ArrayList<>();
        int before = -1;
        for (Phase phase : phases) {
            List<Request> own = within(phase, agent);
            int best = bestPoint(phase);
            int settled = own.get(own.size() - 1).chosenPoint();
            int inForce = own.size() - 1;
            while (inForce > 0 && own.get(inForce - 1).chosenPoint() == settled) {
                inForce--;
            }
            int switches = 0;
            for (Request request : own) {
                switches += before >= 0 && request.chosenPoint() != before ? 1 : 0;
                before = request.chosenPoint();
            }
            passages.add(new Passage(
                    phase,
                    best,
                    median(within(phase, fixed.get(best))),
                    settled,
                    median(own.subList(inForce, own.size())),
                    own.get(inForce).startSeconds() - phase.fromSeconds(),
                    inForce,
                    switches));
        }
        return passages;
    }

    /** The requests of the oracle. */
    List<Request> oracle() {
        List<Request> all = new ArrayList<>();
        for (Phase phase : phases) {
            all.addAll(within(phase, fixed.get(bestPoint(phase))));
        }
        return all;
    }

    private int bestPoint(Phase phase) {
        Map<Integer, Double> medians = new HashMap<>();
        new TreeMap<>(fixed).forEach((point, requests) -> medians.put(point, median(within(phase, requests))));
        return medians.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private static List<Request> within(Phase phase, List<Request> requests) {
        return requests.stream().filter(phase::holds).toList();
    }
}
