package dev.cleave.benchmarks.field;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Requests on a link that broke.
 *
 * @param began {@link System#nanoTime()} to which requests' starts are relative
 */
record OutageRun(long began, List<Request> requests, List<OutageRun.Break> breaks) {
    /** A time in which the link is broken; set by one thread. */
    static final class Break {
        private final String name;
        private long fromNanos;
        private long toNanos;

        Break(String name) {
            this.name = name;
        }

        void begin(Runnable what) {
            fromNanos = System.nanoTime();
            what.run();
        }

        void end(Runnable what) {
            toNanos = System.nanoTime();
            what.run();
        }

        String name() {
            return name;
        }

        long fromNanos() {
            return fromNanos;
        }
    }

    /** Requests that began while the link was broken. */
    List<Request> within(Break broken) {
        return within(broken, 0);
    }

    /** Those that began so many milliseconds after it broke, or later. */
    List<Request> within(Break broken, double fromMillis) {
        return requests.stream()
                .filter(request -> millisAfter(broken.fromNanos, request) >= fromMillis
                        && millisAfter(broken.toNanos, request) < 0)
                .toList();
    }

    /** Requests that began while it was not. */
    List<Request> up() {
        return requests.stream()
                .filter(request ->
                        breaks.stream().noneMatch(each -> within(each).contains(request)))
                .toList();
    }

    /** From the end of a break to the first answer of the gateway; NaN if there was none. */
    double gatewayAgainMillis(Break broken) {
        return requests.stream()
                .filter(Request::isFromGateway)
                .mapToDouble(request -> millisAfter(broken.toNanos, request) + request.millis())
                .filter(millis -> millis > 0)
                .min()
                .orElse(Double.NaN);
    }

    private double millisAfter(long nanos, Request request) {
        return (began + request.startNanos() - nanos) / 1e6;
    }

    /**
     * How many answers are of another class than those of some other requests with the same inputs.
     *
     * @param inputs which the requests used in turn
     */
    long otherAnswers(List<Request> others, int inputs) {
        Map<Integer, Integer> classes = new HashMap<>();
        others.forEach(other -> classes.put(other.number() % inputs, best(other)));
        return requests.stream()
                .filter(Request::isAnswered)
                .filter(request -> best(request) != classes.get(request.number() % inputs))
                .count();
    }

    /** The index of the largest element of the first output. */
    private static int best(Request answered) {
        Tensor output = answered.result().outputs().values().iterator().next();
        if (output.type() != ElementType.FLOAT32) {
            throw new IllegalArgumentException("output of " + output.type() + "; expected FLOAT32");
        }
        FloatBuffer values =
                output.data().duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
        int best = 0;
        for (int i = 1; i < values.remaining(); i++) {
            best = values.get(i) > values.get(best) ? i : best;
        }
        return best;
    }
}
