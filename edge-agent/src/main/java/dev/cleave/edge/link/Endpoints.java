package dev.cleave.edge.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/** The addresses of the gateways, in order of preference. Guarded by the link's lock, but for {@link #sleepExcept}. */
final class Endpoints {
    private final List<Endpoint> all = new ArrayList<>();

    Endpoints(List<GatewayTarget> targets, LinkSettings settings, IntToDoubleFunction plannedTailNanos, Random random) {
        boolean alone = targets.size() == 1;
        for (GatewayTarget target : targets) {
            all.add(new Endpoint(all.size(), target, alone, settings, plannedTailNanos, random));
        }
    }

    int size() {
        return all.size();
    }

    Endpoint get(int index) {
        return all.get(index);
    }

    List<AttemptPace> paces() {
        List<AttemptPace> paces = new ArrayList<>();
        all.forEach(endpoint -> paces.add(endpoint.pace()));
        return paces;
    }

    /** Attempts under way. */
    List<GatewayStream> attempts() {
        List<GatewayStream> attempts = new ArrayList<>();
        for (Endpoint endpoint : all) {
            if (endpoint.attempt() != null) {
                attempts.add(endpoint.attempt());
            }
        }
        return attempts;
    }

    /** The same; what becomes of them is of no interest any more. */
    List<GatewayStream> takeAttempts() {
        List<GatewayStream> attempts = attempts();
        all.forEach(Endpoint::overtaken);
        return attempts;
    }

    /** What was measured of the links is forgotten. */
    void networkChanged() {
        all.forEach(endpoint -> endpoint.estimator().networkChanged());
    }

    /** Lets go of their connections, which might go on connecting by themselves; null: of all. Without the lock. */
    void sleepExcept(Endpoint inUse) {
        for (Endpoint endpoint : all) {
            if (endpoint != inUse) {
                endpoint.sleep();
            }
        }
    }
}
