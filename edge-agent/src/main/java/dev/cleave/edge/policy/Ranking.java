package dev.cleave.edge.policy;

import java.util.ArrayList;
import java.util.List;

/** Which of several predictions is the best for an objective. Pure. */
final class Ranking {
    /** How much slower than the fastest a choice may be for other objectives than latency. */
    static final double MOST_SLOWER = 1.2;

    private final Objective objective;

    Ranking(Objective objective) {
        this.objective = objective;
    }

    /** What the objective has least of. */
    double measure(Prediction option) {
        return switch (objective) {
            case LATENCY -> option.nanos();
            case BYTES -> Double.isNaN(option.wireBytes()) ? Double.POSITIVE_INFINITY : option.wireBytes();
            case GATEWAY -> option.gatewayNanos();
        };
    }

    /** The best of those that are not too slow. At least one must be given. */
    Prediction best(List<Prediction> options) {
        return best(options, bound(options));
    }

    /** Null if there is none within the bound. */
    private Prediction best(List<Prediction> options, double bound) {
        Prediction best = null;
        for (Prediction option : options) {
            if (option.nanos() <= bound && (best == null || isBetter(option, best))) {
                best = option;
            }
        }
        return best;
    }

    /**
     * What is chosen while a point is kept: an option of that point, unless another one is better by a margin and not too
     * slow by as much, or the option is too slow by that margin.
     *
     * @param point the one to keep; none of the options need have it
     * @param margin how many times as good another one has to be
     */
    Prediction bestOrKept(List<Prediction> options, int point, double margin) {
        List<Prediction> ofPoint = new ArrayList<>();
        for (Prediction option : options) {
            if (option.point() == point) {
                ofPoint.add(option);
            }
        }
        double bound = bound(options);
        Prediction kept = best(ofPoint, bound * margin);
        if (kept == null) {
            return best(options);
        }
        Prediction other = best(options, bound / margin);
        return other != null && measure(other) * margin < measure(kept) ? other : kept;
    }

    private double bound(List<Prediction> options) {
        return objective == Objective.LATENCY
                ? Double.POSITIVE_INFINITY
                : MOST_SLOWER * fastest(options).nanos();
    }

    /** Among equals the later point, which leaves less to the gateway. */
    private boolean isBetter(Prediction option, Prediction other) {
        int order = Double.compare(measure(option), measure(other));
        if (order == 0) {
            order = Double.compare(option.nanos(), other.nanos());
        }
        return order < 0 || order == 0 && option.point() > other.point();
    }

    static Prediction fastest(List<Prediction> options) {
        Prediction fastest = options.get(0);
        for (Prediction option : options) {
            if (option.nanos() < fastest.nanos()) {
                fastest = option;
            }
        }
        return fastest;
    }
}
