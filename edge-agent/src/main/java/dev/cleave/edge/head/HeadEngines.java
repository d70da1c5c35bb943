package dev.cleave.edge.head;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.segment.SegmentChain;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The engines of one version of the model, and every head that they have loaded; closed together. Thread-safe.
 *
 * <p>An engine is made when it is first needed: to ask for one loads its native library. Each segment goes to the first engine of an
 * order that is there, has a form of it to read, and loads it. Why another one does not is kept.
 */
public final class HeadEngines implements AutoCloseable {
    private final Bundle bundle;
    private final EngineSource source;
    private final SessionOptions options;
    private final LongSupplier nanoTime;
    private final Map<String, Engine> made = new LinkedHashMap<>();
    private final Map<String, String> unavailable = new LinkedHashMap<>();
    private final Map<LoadedHead, SegmentChain> loaded = new LinkedHashMap<>();
    private boolean closed;

    /** @param nanoTime the clock that time limits of runs go by */
    public HeadEngines(Bundle bundle, EngineSource source, SessionOptions options, LongSupplier nanoTime) {
        this.bundle = bundle;
        this.source = source;
        this.options = options;
        this.nanoTime = nanoTime;
    }

    /** The last point that a view's segments reach, in whatever form: k+1 if it can finish alone, 0 if it holds none. */
    public static int through(Bundle bundle) {
        return through(bundle, GraphFormat.ONNX);
    }

    /** The same in one form; a gateway's view counts as well, where it holds what devices run. */
    static int through(Bundle bundle, GraphFormat format) {
        Contract contract = bundle.contract();
        int through = 0;
        while (through < contract.local() && bundle.hasGraph(contract.edgePrecision(), "segment-" + through, format)) {
            through++;
        }
        return through;
    }

    /** Names of all that may be there, best first. */
    public List<String> names() {
        return source.names();
    }

    /** @throws EngineException if the engine cannot run here, saying why */
    public synchronized Engine engine(String name) throws EngineException {
        requireOpen();
        Engine engine = made.get(name);
        if (engine == null) {
            engine = source.create(name);
            made.put(name, engine);
        }
        return engine;
    }

    /** Whether an engine is there and the bundle has a form for it of the first segment; if not, {@link #refusal} may say why. */
    public synchronized boolean canBegin(String name) {
        Engine engine = engineOrNull(name);
        return engine != null && through(bundle, engine.format()) > 0;
    }

    /** Why an engine is not there, in one line; null if it is, or was not needed yet. */
    public synchronized String refusal(String name) {
        return unavailable.get(name);
    }

    /** Null if it cannot run here, which is remembered. */
    private Engine engineOrNull(String name) {
        if (unavailable.containsKey(name)) {
            return null;
        }
        try {
            return engine(name);
        } catch (EngineException | LinkageError e) {
            unavailable.put(name, name + ": " + e.getMessage());
            return null;
        }
    }

    /**
     * Loads every segment that the view offers, in the precision of devices, up to the first of which no engine reads a form.
     *
     * @param preferred name of the engine that comes first, or null: in the source's order
     * @throws EngineException if there is no engine, naming those that were found and why not; or naming the segment that none loads
     * @throws IOException if the bundle cannot be read
     */
    public synchronized LoadedHead load(String preferred) throws EngineException, IOException {
        requireOpen();
        Loading loading = new Loading(preferred);
        int through = loading.through();
        SegmentChain chain = through == 0
                ? null
                : SegmentChain.load(bundle, loading::session, bundle.contract().edgePrecision(), 0, through, nanoTime);
        LoadedHead head = new LoadedHead(chain, loading.engines, loading.refused());
        loaded.put(head, chain);
        return head;
    }

    private void requireOpen() throws EngineException {
        if (closed) {
            throw new EngineException(bundle.file() + ": its engines are closed");
        }
    }

    /** One head that is being loaded, under the lock. */
    private final class Loading {
        private final List<String> order;
        private final List<Engine> engines = new ArrayList<>();
        private final Set<String> refused = new LinkedHashSet<>();

        Loading(String preferred) {
            Set<String> names = new LinkedHashSet<>();
            if (preferred != null) {
                names.add(preferred);
            }
            names.addAll(source.names());
            order = new ArrayList<>(names);
        }

        /** Engines behind the first that will do are not asked. */
        int through() throws EngineException {
            int offered = HeadEngines.through(bundle);
            int through = 0;
            for (String name : order) {
                Engine engine = through < offered ? engineOrNull(name) : null;
                if (engine != null) {
                    through = Math.max(through, HeadEngines.through(bundle, engine.format()));
                }
            }
            if (offered > 0 && made.isEmpty()) {
                throw new EngineException("no engine on the class path; found "
                        + (unavailable.isEmpty() ? "none" : String.join(", ", unavailable.values())));
            }
            return through;
        }

        Session session(int segment) throws EngineException, IOException {
            EngineException last = null;
            for (String name : order) {
                Engine engine = engineOrNull(name);
                if (engine == null || HeadEngines.through(bundle, engine.format()) <= segment) {
                    continue;
                }
                try {
                    String precision = bundle.contract().edgePrecision();
                    Session session =
                            engine.load(bundle.graph(precision, "segment-" + segment, engine.format()), options);
                    engines.add(engine);
                    return session;
                } catch (EngineException e) {
                    refused.add(name + ": " + e.getMessage());
                    last = e;
                }
            }
            throw last != null ? last : new EngineException("no engine reads segment-" + segment + " of " + bundle);
        }

        /** Of the engines that came before those which are used. */
        List<String> refused() {
            List<String> all = new ArrayList<>();
            for (String name : order) {
                if (unavailable.containsKey(name)) {
                    all.add(unavailable.get(name));
                }
            }
            all.addAll(refused);
            return all;
        }
    }

    /** Closes the sessions of one head, of which none runs; a second call does nothing. */
    public synchronized void close(LoadedHead head) {
        SegmentChain chain = loaded.remove(head);
        if (chain != null) {
            chain.close();
        }
    }

    /** Closes all heads, of which none runs, and then the engines; a second call does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        for (LoadedHead head : new ArrayList<>(loaded.keySet())) {
            close(head);
        }
        for (Engine engine : made.values()) {
            source.release(engine);
        }
        made.clear();
    }
}
