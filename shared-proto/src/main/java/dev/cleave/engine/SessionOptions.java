package dev.cleave.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How to load a graph. Immutable; {@link #defaults()} and the {@code with} methods make variants. */
public final class SessionOptions {
    private static final SessionOptions DEFAULTS = new SessionOptions(0, false, Collections.emptyList(), 0, true);

    private final int threads;
    private final boolean spinning;
    private final List<String> providers;
    private final int deviceIndex;
    private final boolean optimized;

    private SessionOptions(int threads, boolean spinning, List<String> providers, int deviceIndex, boolean optimized) {
        this.threads = threads;
        this.spinning = spinning;
        this.providers = providers;
        this.deviceIndex = deviceIndex;
        this.optimized = optimized;
    }

    /** The engine's thread count, no spinning, CPU, all graph optimisations. */
    public static SessionOptions defaults() {
        return DEFAULTS;
    }

    /** Threads of one run; 0: the engine decides. */
    public int threads() {
        return threads;
    }

    /** Whether worker threads spin between operators: faster alone, harmful beside other work. */
    public boolean spinning() {
        return spinning;
    }

    /** Execution providers in order of preference ({@code tensorrt}, {@code cuda} ...); CPU is always the last resort. */
    public List<String> providers() {
        return providers;
    }

    /** Device of the provider, from 0. */
    public int deviceIndex() {
        return deviceIndex;
    }

    /** False: the graph runs as written, without fusion; for measurements and comparisons. */
    public boolean optimized() {
        return optimized;
    }

    public SessionOptions withThreads(int value) {
        return new SessionOptions(value, spinning, providers, deviceIndex, optimized);
    }

    public SessionOptions withSpinning(boolean value) {
        return new SessionOptions(threads, value, providers, deviceIndex, optimized);
    }

    public SessionOptions withProviders(List<String> value) {
        List<String> copy = Collections.unmodifiableList(new ArrayList<>(value));
        return new SessionOptions(threads, spinning, copy, deviceIndex, optimized);
    }

    public SessionOptions withDeviceIndex(int value) {
        return new SessionOptions(threads, spinning, providers, value, optimized);
    }

    public SessionOptions withOptimized(boolean value) {
        return new SessionOptions(threads, spinning, providers, deviceIndex, value);
    }
}
