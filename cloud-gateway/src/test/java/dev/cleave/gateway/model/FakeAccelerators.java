package dev.cleave.gateway.model;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.ForwardingEngine;
import dev.cleave.engine.ForwardingSession;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An engine of GPUs that are not there: sessions say which provider and device they have, and all computing is left to another
 * engine. Loads of a provider wait, fail or are refused as the test wants; a session that is closed under a run is counted.
 * Thread-safe.
 */
public final class FakeAccelerators extends ForwardingEngine {
    /**
     * A session that was loaded.
     *
     * @param found whether what it needs was compiled before
     */
    public record Load(String graph, String provider, SessionOptions options, boolean found) {}

    /** A run that was begun. */
    public record Run(String provider, int device, int rows) {}

    private final Set<String> available;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, String> refused = new HashMap<>();
    private final Map<String, String> failing = new HashMap<>();
    private final Map<String, String> failingRuns = new HashMap<>();
    private final Set<String> held = new HashSet<>();
    private final Map<String, Integer> loading = new HashMap<>();
    private final List<Load> loads = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private final Set<String> heldRuns = new HashSet<>();
    private int waitingRuns;
    private int closedUnderARun;

    /** @param available providers that the machine has */
    public FakeAccelerators(Engine engine, String... available) {
        super(engine);
        this.available = Set.of(available);
    }

    @Override
    public String unavailableReason(String provider) {
        return provider.equals("cpu") || available.contains(provider) ? null : "no such library";
    }

    /** From now on no graph gets the provider. */
    public void refuse(String provider, String reason) {
        locked(() -> refused.put(provider, reason));
    }

    /** From now on no graph gets the provider on one device. */
    public void refuse(String provider, int device, String reason) {
        locked(() -> refused.put(provider + device, reason));
    }

    /** From now on loads with the provider fail. */
    public void failLoads(String provider, String message) {
        locked(() -> failing.put(provider, message));
    }

    /** From now on runs with the provider fail. */
    public void failRuns(String provider, String message) {
        locked(() -> failingRuns.put(provider, message));
    }

    /** Loads with the provider stop until {@link #release}. */
    public void hold(String provider) {
        locked(() -> held.add(provider));
    }

    public void release(String provider) {
        locked(() -> held.remove(provider));
    }

    /** Waits until a load with the provider is held. */
    public void awaitLoading(String provider) throws InterruptedException {
        lock.lock();
        try {
            while (loading.getOrDefault(provider, 0) == 0) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Loads with the provider that are held, or under way. */
    public int loading(String provider) {
        lock.lock();
        try {
            return loading.getOrDefault(provider, 0);
        } finally {
            lock.unlock();
        }
    }

    public List<Load> loads() {
        lock.lock();
        try {
            return List.copyOf(loads);
        } finally {
            lock.unlock();
        }
    }

    public List<Run> runs() {
        lock.lock();
        try {
            return List.copyOf(runs);
        } finally {
            lock.unlock();
        }
    }

    /** Runs with the provider stop until {@link #releaseRuns}. */
    public void holdRuns(String provider) {
        locked(() -> heldRuns.add(provider));
    }

    public void releaseRuns(String provider) {
        locked(() -> heldRuns.remove(provider));
    }

    /** Waits until so many runs are held. */
    public void awaitHeldRuns(int count) throws InterruptedException {
        lock.lock();
        try {
            while (waitingRuns < count) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    public int closedUnderARun() {
        lock.lock();
        try {
            return closedUnderARun;
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        List<String> reasons = new ArrayList<>();
        String provider = choose(options, reasons);
        awaitRelease(provider);
        lock.lock();
        try {
            if (failing.containsKey(provider)) {
                throw new EngineException(graph.label() + ": " + failing.get(provider));
            }
            loads.add(new Load(
                    graph.label(), provider, options, compile(options.device().compiled())));
        } finally {
            lock.unlock();
        }
        Session session = super.load(graph, SessionOptions.defaults());
        return new FakeDeviceSession(session, provider, options.device().index(), reasons);
    }

    /** True if there is nothing left to compile. */
    private static boolean compile(Path folder) throws EngineException {
        try {
            if (folder == null || Files.exists(folder.resolve("fake.engine"))) {
                return folder != null;
            }
            Files.writeString(folder.resolve("fake.engine"), "compiled");
            return false;
        } catch (IOException e) {
            throw new EngineException(folder + " cannot be written", e);
        }
    }

    private String choose(SessionOptions options, List<String> reasons) {
        lock.lock();
        try {
            for (String provider : options.providers()) {
                if (provider.equals("cpu")) {
                    break;
                }
                String everywhere = refused.get(provider);
                String here = refused.getOrDefault(provider + options.device().index(), everywhere);
                if (available.contains(provider) && here == null) {
                    return provider;
                }
                reasons.add(provider + ": " + (here == null ? "no such library" : here));
            }
            return "cpu";
        } finally {
            lock.unlock();
        }
    }

    private void awaitRelease(String provider) throws EngineException {
        lock.lock();
        try {
            loading.merge(provider, 1, Integer::sum);
            changed.signalAll();
            while (held.contains(provider)) {
                changed.await();
            }
            loading.merge(provider, -1, Integer::sum);
        } catch (InterruptedException e) {
            throw new EngineException("load was interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    private final class FakeDeviceSession extends ForwardingSession {
        private final String provider;
        private final int device;
        private final List<String> reasons;
        private int running;

        FakeDeviceSession(Session session, String provider, int device, List<String> reasons) {
            super(session);
            this.provider = provider;
            this.device = device;
            this.reasons = List.copyOf(reasons);
        }

        @Override
        public String provider() {
            return provider;
        }

        @Override
        public List<String> refusedProviders() {
            return reasons;
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
                throws EngineException {
            int rows = (int) inputs.values().iterator().next().shape().dim(0);
            lock.lock();
            try {
                runs.add(new Run(provider, device, rows));
                running++;
                changed.signalAll();
                if (failingRuns.containsKey(provider)) {
                    running--;
                    throw new EngineException(failingRuns.get(provider));
                }
                awaitReleaseOfRuns();
            } finally {
                lock.unlock();
            }
            try {
                return super.run(inputs, pinned, timeoutNanos);
            } finally {
                locked(() -> running--);
            }
        }

        private void awaitReleaseOfRuns() throws EngineException {
            waitingRuns++;
            changed.signalAll();
            try {
                while (heldRuns.contains(provider)) {
                    changed.await();
                }
            } catch (InterruptedException e) {
                throw new EngineException("run was interrupted", e);
            } finally {
                waitingRuns--;
            }
        }

        @Override
        public void close() {
            locked(() -> closedUnderARun += running > 0 ? 1 : 0);
            super.close();
        }
    }
}
