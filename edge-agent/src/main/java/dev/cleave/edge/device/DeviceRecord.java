package dev.cleave.edge.device;

import dev.cleave.engine.Machine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What was found out about one bundle on this device: how long each engine takes for its head, and which one is to run it. Immutable;
 * {@link DeviceJson} is its file form. Nothing in it is of any input.
 *
 * @param of what it holds for; it says nothing of anything else
 * @param engine name of the one that is to run the head
 * @param why in one line
 * @param engines all that were there, or were to be, best first
 */
public record DeviceRecord(Subject of, String engine, String why, List<EngineRecord> engines) {
    public DeviceRecord {
        engines = Collections.unmodifiableList(new ArrayList<>(engines));
    }

    /**
     * What times depend on, engines and their versions apart.
     *
     * @param bundleId of the bundle
     * @param architecture of the processor
     * @param cpu the processor's model, empty where it is not known
     * @param cores that the process may use
     * @param threads of one run; 0: the engine's own choice
     * @param providers execution providers that were asked for, in their order
     */
    public record Subject(
            String bundleId, String architecture, String cpu, int cores, int threads, List<String> providers) {
        public Subject {
            providers = Collections.unmodifiableList(new ArrayList<>(providers));
        }

        /** A bundle on a machine. */
        public static Subject of(String bundleId, Machine machine, int threads, List<String> providers) {
            return new Subject(bundleId, machine.architecture(), machine.cpu(), machine.cores(), threads, providers);
        }
    }

    /**
     * One engine.
     *
     * @param version of its library; empty if it is not there
     * @param provider what the first segment ran on; empty if it did not run
     * @param timing null if it was not timed
     * @param refused why it does not run the head, in one line; empty if it could
     */
    public record EngineRecord(String name, String version, String provider, HeadTiming timing, String refused) {}

    /** The record of an engine, or null. */
    public EngineRecord engine(String name) {
        for (EngineRecord each : engines) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return null;
    }

    /** The record of the engine that is to run the head. */
    public EngineRecord chosen() {
        return engine(engine);
    }
}
