package dev.cleave.partition.profile;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.extract.SidedGraphs;
import dev.cleave.partition.progress.Progress;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Times heads and tails of cuts by running them: in turn, round after round (whole, head, tail, head, tail, ...), so that
 * they can be compared with each other and with the whole although the machine is never quite the same twice.
 *
 * <p>A tail gets what its head made. Sessions are loaded in groups that fit into memory; the whole runs in every group,
 * and a group's times are scaled to the whole's median over all groups.
 *
 * <p>One thread at a time; the engine stays the caller's.
 */
public final class CutTimer {
    /** Each session has threads of its own; more of them than this are not opened however small they are. */
    private static final int MOST_CUTS_AT_ONCE = 16;

    private final Engine engine;
    private final SessionOptions options;
    private final TimingLimits limits;
    private final LongSupplier nanoTime;
    private final Progress progress;

    /** @param nanoTime {@code System::nanoTime}; a test has its own */
    public CutTimer(
            Engine engine, SessionOptions options, TimingLimits limits, LongSupplier nanoTime, Progress progress) {
        this.engine = engine;
        this.options = options;
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.progress = progress;
    }

    /** Times cuts of a model that both sides run; see {@link #time(SidedGraphs, List, Map)}. */
    public CutTimes time(CutGraphs graphs, List<Cut> cuts, Map<String, Tensor> inputs)
            throws EngineException, IOException {
        return time(SidedGraphs.alike(graphs), cuts, inputs);
    }

    /**
     * Times cuts of a model.
     *
     * @param cuts any of the gateway's model, nested or not; none gives the whole alone
     * @param inputs a tensor for every input of the model
     * @throws EngineException if a head or a tail cannot be loaded or run
     */
    public CutTimes time(SidedGraphs graphs, List<Cut> cuts, Map<String, Tensor> inputs)
            throws EngineException, IOException {
        CutGraphs gateway = graphs.gateway();
        List<List<Cut>> groups = groups(cuts, wholeBytes(graphs));
        progress.begin("timing heads and tails", (long) groups.size() * limits.maxRuns());
        Duration share = limits.time().dividedBy(groups.size());
        RoundRobin rounds = new RoundRobin(limits.withTime(share), nanoTime, progress::step);
        List<CutTimes> times = new ArrayList<>();
        try (Sessions wholes = new Sessions()) {
            List<RepeatedRun> whole = new ArrayList<>();
            whole.add(new RepeatedRun(wholes.add(load(gateway, gateway.whole())), inputs));
            if (!graphs.areAlike()) {
                CutGraphs device = graphs.device();
                whole.add(new RepeatedRun(wholes.add(load(device, device.whole())), inputs));
            }
            for (List<Cut> group : groups) {
                times.add(time(graphs, group, inputs, whole, rounds));
            }
        }
        return times.size() == 1 ? times.get(0) : joined(times);
    }

    /** Of all that is run uncut. */
    private static long wholeBytes(SidedGraphs graphs) {
        CutGraphs gateway = graphs.gateway();
        CutGraphs device = graphs.device();
        long bytes = MemoryEstimate.ofWhole(gateway.flow(), gateway.facts()).totalBytes();
        return graphs.areAlike()
                ? bytes
                : bytes + MemoryEstimate.ofWhole(device.flow(), device.facts()).totalBytes();
    }

    private List<List<Cut>> groups(List<Cut> cuts, long wholeBytes) {
        // Heads and tail of a cut need about as much as the wholes, which are loaded as well.
        long fitting = limits.sessionBytes() / Math.max(1, wholeBytes) - 1;
        int size = (int) Math.max(1, Math.min(fitting, MOST_CUTS_AT_ONCE));
        List<List<Cut>> groups = new ArrayList<>();
        for (int from = 0; from < cuts.size(); from += size) {
            groups.add(cuts.subList(from, Math.min(from + size, cuts.size())));
        }
        return groups.isEmpty() ? List.of(List.of()) : groups;
    }

    private CutTimes time(
            SidedGraphs graphs, List<Cut> cuts, Map<String, Tensor> inputs, List<RepeatedRun> wholes, RoundRobin rounds)
            throws EngineException, IOException {
        boolean alike = graphs.areAlike();
        CutGraphs gateway = graphs.gateway();
        try (Sessions sessions = new Sessions()) {
            List<RepeatedRun> parts = new ArrayList<>(wholes);
            for (Cut cut : cuts) {
                Map<String, Tensor> values = new LinkedHashMap<>(inputs);
                RepeatedRun head = new RepeatedRun(sessions.add(load(gateway, gateway.head(cut))), values);
                values.putAll(head.outputs());
                parts.add(head);
                parts.add(new RepeatedRun(sessions.add(load(gateway, graphs.tail(cut))), values));
                if (!alike) {
                    parts.add(new RepeatedRun(sessions.add(load(graphs.device(), graphs.head(cut))), inputs));
                }
            }
            List<Timings> timings = rounds.time(parts);
            List<CutTime> times = new ArrayList<>();
            int next = wholes.size();
            for (Cut cut : cuts) {
                Timings gatewayHead = timings.get(next++);
                Timings tail = timings.get(next++);
                times.add(new CutTime(cut, alike ? gatewayHead : timings.get(next++), tail, gatewayHead));
            }
            return new CutTimes(timings.get(0), timings.get(wholes.size() - 1), times);
        }
    }

    private Session load(CutGraphs graphs, ModelProto graph) throws EngineException {
        return engine.load(graphs.source(graph), options);
    }

    private static CutTimes joined(List<CutTimes> groups) {
        Timings whole = all(groups, CutTimes::whole);
        Timings deviceWhole = all(groups, CutTimes::deviceWhole);
        List<CutTime> cuts = new ArrayList<>();
        for (CutTimes group : groups) {
            double factor = group.wholeMillis() == 0 ? 1 : whole.median() / group.wholeMillis();
            for (CutTime time : group.cuts()) {
                cuts.add(new CutTime(
                        time.cut(),
                        time.head().scaledBy(factor),
                        time.tail().scaledBy(factor),
                        time.gatewayHead().scaledBy(factor)));
            }
        }
        return new CutTimes(whole, deviceWhole, cuts);
    }

    private static Timings all(List<CutTimes> groups, Function<CutTimes, Timings> whole) {
        return Timings.of(groups.stream()
                .flatMapToDouble(group -> Arrays.stream(whole.apply(group).millis()))
                .toArray());
    }

    /** Open sessions, closed together. */
    private static final class Sessions implements AutoCloseable {
        private final Deque<Session> open = new ArrayDeque<>();

        Session add(Session session) {
            open.push(session);
            return session;
        }

        @Override
        public void close() {
            open.forEach(Session::close);
        }
    }
}
