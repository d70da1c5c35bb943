package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.CodecException;
import dev.cleave.edge.events.ShadowCheck;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.head.SegmentRun;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.shadow.AnswerComparison;
import dev.cleave.edge.shadow.ShadowBudget;
import dev.cleave.edge.shadow.ShadowSettings;
import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs some of the requests that the gateway answered a second time, after their answer was given, and compares. One at a time, on a
 * budget, and only when the worker has nothing else to do: a sample that finds it busy, or is in the way of a request, is dropped.
 * Thread-safe.
 *
 * <pre>
 * device holds all segments   from the activation at the point on, here:           what codec, wire and tail changed
 * else, inputs may leave it   inputs as they are, to the gateway's point 0:        what head, codec and wire changed
 * else                        nothing
 * </pre>
 */
final class Shadows {
    static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final Logger LOG = Logger.getLogger(Shadows.class.getName());

    private final double fraction;
    private final ShadowBudget budget;
    private final Scheduler scheduler;
    private final Random random;
    // Guarded by this, as the budget.
    /** Of the second run that is under way, 0 for none. */
    private long busy;

    private long busySinceNanos;
    private long slots;

    Shadows(ShadowSettings settings, Scheduler scheduler, Random random) {
        this.fraction = settings.fraction();
        this.budget = new ShadowBudget(settings, scheduler.nanoTime());
        this.scheduler = scheduler;
        this.random = random;
    }

    /**
     * A request that the gateway has answered, before its future is completed: after that its tensors are the application's to
     * change, so what is sampled is copied.
     *
     * @param activation at the point that it crossed at
     * @param outputs as they were answered
     * @return to be run when the answer is given; null if it is not sampled
     */
    Runnable sample(
            AgentParts agent,
            CallPlan request,
            InferenceInput input,
            Activation activation,
            Map<String, Tensor> outputs) {
        if (request.point() == 0 || random.nextDouble() >= fraction) {
            return null;
        }
        long slot = begin();
        if (slot == 0) {
            return null;
        }
        Runnable second = null;
        try {
            second = agent.head().reachesLocal()
                    ? local(agent, request, activation, outputs, slot)
                    : cloud(agent, request, input, outputs, slot);
        } catch (InferenceException | RuntimeException | OutOfMemoryError e) {
            LOG.log(Level.FINE, "a second run could not be prepared", e);
        }
        if (second == null) {
            end(slot);
            return null;
        }
        Runnable prepared = second;
        return () -> {
            if (!agent.head().executeIfIdle(prepared)) {
                end(slot);
            }
        };
    }

    /** Takes the only slot, or 0: one at a time. A run that was dropped with its version's worker is not waited for. */
    private synchronized long begin() {
        long now = scheduler.nanoTime();
        if (busy != 0 && now - busySinceNanos < 3 * LIMIT_NANOS) {
            return 0;
        }
        busy = ++slots;
        busySinceNanos = now;
        return busy;
    }

    private synchronized void end(long slot) {
        if (busy == slot) {
            busy = 0;
        }
    }

    private synchronized boolean isAllowed(long bytes) {
        return budget.allows(bytes, scheduler.nanoTime());
    }

    private synchronized void spend(long nanos, long bytes) {
        budget.spend(nanos, bytes);
    }

    private Runnable local(
            AgentParts agent, CallPlan request, Activation activation, Map<String, Tensor> outputs, long slot)
            throws InferenceException {
        if (!isAllowed(0)) {
            return null;
        }
        Map<String, Tensor> live = copies(activation.live(agent.contract()));
        Map<String, Tensor> answer = copies(outputs);
        return () -> {
            long began = scheduler.nanoTime();
            try {
                SegmentRun run = agent.head()
                        .run(
                                request.point(),
                                agent.contract().local(),
                                live,
                                request.rows(),
                                LIMIT_NANOS,
                                agent.head()::isWanted);
                if (run != null) {
                    String precision = agent.contract().edgePrecision();
                    compare(agent, request, Source.LOCAL, precision, answer, run.crossing());
                }
            } catch (EngineException e) {
                LOG.log(Level.FINE, "a second run failed", e);
            } finally {
                spend(scheduler.nanoTime() - began, 0);
                end(slot);
            }
        };
    }

    private Runnable cloud(
            AgentParts agent, CallPlan request, InferenceInput input, Map<String, Tensor> outputs, long slot)
            throws InferenceException {
        Contract contract = agent.contract();
        GatewayLink link = agent.link();
        boolean isOwn =
                contract.privacyFloor() > 0 || !contract.state().isEmpty(); // an input, or state, that stays here
        int raw = isOwn ? -1 : contract.points().get(0).level(QualityLevel.RAW);
        SortedSet<Integer> served = link.points();
        if (raw < 0 || served == null || !served.contains(0) || !link.isUsable() || link.waitingBytes() > 0) {
            return null;
        }
        Map<String, Tensor> live = Activation.of(input, contract).live(contract);
        long bytes = 0;
        for (Tensor tensor : live.values()) {
            bytes += tensor.bytes();
        }
        if (!isAllowed(bytes)) {
            return null;
        }
        Activation start = Activation.of(copies(live));
        Map<String, Tensor> answer = copies(outputs);
        return () -> new ShadowFrame(
                        agent,
                        request.rows(),
                        raw,
                        entropy -> agent.codecs().encode(0, raw, entropy, start),
                        payload -> answeredByGateway(agent, request, answer, payload),
                        this::spend,
                        () -> end(slot))
                .send();
    }

    private void answeredByGateway(AgentParts agent, CallPlan request, Map<String, Tensor> answer, ByteBuffer payload)
            throws CodecException {
        Map<String, Tensor> reference = agent.codecs().decode(0, request.rows(), payload);
        compare(agent, request, Source.CLOUD, agent.contract().precision(), answer, reference);
    }

    private static void compare(
            AgentParts agent,
            CallPlan request,
            Source reference,
            String precision,
            Map<String, Tensor> answer,
            Map<String, Tensor> second) {
        AnswerComparison comparison = new AnswerComparison(agent.contract().outputsWithoutState());
        int rows = comparison.rows(request.rows());
        int agreed = comparison.agreeing(rows, answer, second);
        String level = agent.contract()
                .points()
                .get(request.point())
                .levels()
                .get(request.level())
                .name();
        ShadowCheck check =
                new ShadowCheck(request.point(), level, reference, precision, comparison.rule(), rows, agreed);
        CallEvents.tell(agent.listener(), to -> to.shadowChecked(request.id(), check));
    }

    private static Map<String, Tensor> copies(Map<String, Tensor> tensors) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            Tensor copy = Tensor.allocate(tensor.type(), tensor.shape());
            copy.data().put(tensor.data());
            copies.put(name, copy);
        });
        return copies;
    }
}
