package dev.cleave.edge.head;

import dev.cleave.engine.Engine;
import dev.cleave.segment.SegmentChain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The segments that a device runs, from the first on, each loaded by some engine. Forms of a segment are interchangeable, so
 * engines may take turns along the chain. Immutable; its sessions belong to the {@link HeadEngines} that loaded it.
 */
public final class LoadedHead {
    /** Null if there is no segment. */
    private final SegmentChain chain;

    private final int through;
    private final String engine;
    private final String version;
    private final String provider;
    private final String description;
    private final List<String> refused;

    /**
     * @param chain null if there is no segment
     * @param engines of its segments
     * @param refused engines that were to run a segment and do not, in one line each
     */
    LoadedHead(SegmentChain chain, List<Engine> engines, List<String> refused) {
        this.chain = chain;
        this.through = engines.size();
        this.engine = engines.isEmpty() ? "" : engines.get(0).name();
        this.version = engines.isEmpty() ? "" : engines.get(0).version();
        this.provider = engines.isEmpty() ? "" : chain.provider(0);
        this.description = describe(chain, engines);
        List<String> all = new ArrayList<>(refused);
        if (chain != null) {
            all.addAll(chain.refusedProviders());
        }
        this.refused = Collections.unmodifiableList(all);
    }

    private static String describe(SegmentChain chain, List<Engine> engines) {
        if (engines.isEmpty()) {
            return "no engine runs a segment";
        }
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= engines.size(); to++) {
            String user = user(chain, engines, from);
            if (to == engines.size() || !user(chain, engines, to).equals(user)) {
                parts.add(user + (from == 0 ? " runs " : " ") + segments(from, to - 1, engines.size()));
                from = to;
            }
        }
        return String.join(", ", parts);
    }

    private static String user(SegmentChain chain, List<Engine> engines, int segment) {
        Engine engine = engines.get(segment);
        return engine.name() + " " + engine.version() + " (" + chain.provider(segment) + ")";
    }

    private static String segments(int first, int last, int count) {
        if (first == 0 && last == count - 1) {
            return "all segments";
        }
        return first == last ? "segment " + first : "segments " + first + " to " + last;
    }

    SegmentChain chain() {
        return chain;
    }

    /** The last point whose head it runs: k+1 if it can finish alone, 0 if it has no segment. */
    public int through() {
        return through;
    }

    /** Name of the first segment's engine; empty if there is none. */
    public String engine() {
        return engine;
    }

    /** Version of that engine. */
    public String version() {
        return version;
    }

    /** What that engine runs on. */
    public String provider() {
        return provider;
    }

    /** One line for each engine or provider that was to run a segment and does not. */
    public List<String> refused() {
        return refused;
    }

    /** For people: {@code tflite 2.20.0 (cpu) runs segments 0 to 1, onnxruntime 1.29.0 (cpu) segment 2}. */
    public String describe() {
        return description;
    }
}
