package dev.cleave.gateway.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Meters that differ in one label. The registry is asked once for each value: it sorts and compares labels at each look, which a
 * request would pay for nine times. Label values come from closed sets, so that this stays small. Thread-safe.
 *
 * @param <K> what the label tells
 * @param <M> kind of meter
 */
final class ByLabel<K, M> {
    private final Map<K, M> meters = new ConcurrentHashMap<>();
    private final Function<K, M> register;

    /** @param register asks the registry for the meter of one value */
    ByLabel(Function<K, M> register) {
        this.register = register;
    }

    M of(K value) {
        M meter = meters.get(value); // Without the lock that computeIfAbsent may take although it is there.
        return meter != null ? meter : meters.computeIfAbsent(value, register);
    }
}
