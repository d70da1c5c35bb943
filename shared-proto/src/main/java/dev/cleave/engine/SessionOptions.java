package dev.cleave.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How to load a graph. Immutable; {@link #defaults()} and the {@code with} methods make variants. */
public final class SessionOptions {
    private static final SessionOptions DEFAULTS =
            new SessionOptions(0, false, Collections.emptyList(), DeviceOptions.first(), true);

    private final int threads;
    private final boolean spinning;
    private final List<String> providers;
    private final DeviceOptions device;
    private final boolean optimized;

    private SessionOptions(
            int threads, boolean spinning, List<String> providers, DeviceOptions device, boolean optimized) {
        this.threads = threads;
        this.spinning = spinning;
        this.providers = providers;
        this.device = device;
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

    /** Which device of the provider, and what it may take of it. */
    public DeviceOptions device() {
        return device;
    }

    /** False: the graph runs as written, without fusion; for measurements and comparisons. */
    public boolean optimized() {
        return optimized;
    }

    public SessionOptions withThreads(int value) {
        return new SessionOptions(value, spinning, providers, device, optimized);
    }

    public SessionOptions withSpinning(boolean value) {
        return new SessionOptions(threads, value, providers, device, optimized);
    }

    public SessionOptions withProviders(List<String> value) {
        List<String> copy = Collections.unmodifiableList(new ArrayList<>(value));
        return new SessionOptions(threads, spinning, copy, device, optimized);
    }

    public SessionOptions withDevice(DeviceOptions value) {
        return new SessionOptions(threads, spinning, providers, value, optimized);
    }

    public SessionOptions withOptimized(boolean value) {
        return new SessionOptions(threads, spinning, providers, device, value);
    }
}
