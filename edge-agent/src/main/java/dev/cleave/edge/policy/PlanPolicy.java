package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.policy.Selection.InTime;
import java.util.List;

/**
 * Predicts every choice for the link, the gateway and the device as they are, and takes the best that meets the deadline.
 * Pure but for the point in force; time is an argument. Thread-safe.
 *
 * <pre>
 * no gateway, or no link to it      LOCAL
 * rate of the link not known        the point with the fewest bytes among those that compute no longer than LOCAL:
 *                                   its frames teach the rate
 * else   in time                    choices at their default level that meet the deadline, else coarser levels;
 *                                   if none does, the fastest of all is the choice
 *        not too slow               but for LATENCY those at most 1.2 times as slow as the fastest of these
 *        best                       the one with the least of the objective
 *        in force                   the point before, unless the best is better by a margin
 *        detour                     for this request alone, where bytes that are still in flight make another point better
 * </pre>
 *
 * <p>docs/AGENT.md, "Policy".
 */
public final class PlanPolicy implements SplitPolicy {
    private final KnownCosts costs;
    private final Ranking ranking;
    private final int[] fixedLevels;
    private final boolean steady;
    private final ChoiceReason reason;
    // Guarded by this.
    private final SteadyRate rate = new SteadyRate();
    private final InForce inForce = new InForce();

    /** @param fixedLevels the quality level of each point 0..k, or null: the policy chooses it */
    public PlanPolicy(KnownCosts costs, Objective objective, int[] fixedLevels) {
        this(costs, objective, fixedLevels, true);
    }

    /** @param steady false: every request for itself, whatever was chosen before */
    PlanPolicy(KnownCosts costs, Objective objective, int[] fixedLevels, boolean steady) {
        this.costs = costs;
        this.ranking = new Ranking(objective);
        this.fixedLevels = fixedLevels == null ? null : fixedLevels.clone();
        this.steady = steady;
        this.reason = new ChoiceReason(costs.table(), objective);
    }

    @Override
    public synchronized Choice choose(Situation situation, DeviceTimes device, LinkConditions link, Demand demand) {
        boolean remotePossible = !situation.remotePoints().isEmpty();
        if (!remotePossible && !situation.localPossible()) {
            return null;
        }
        Question question = Question.of(costs, situation, device, demand);
        if (link.isRateKnown() && remotePossible && situation.linkUsable()) {
            return best(question, steady ? rate.follow(link, demand.nowNanos()) : link);
        }
        Options options = new Options(question, costless(link), fixedLevels);
        return remotePossible && (situation.linkUsable() || !situation.localPossible())
                ? fewestBytes(options, situation.linkUsable(), demand.nowNanos())
                : choice(options.local(), reason.noLink(options.local(), remotePossible));
    }

    /** A link on which a byte takes no time. */
    private static LinkConditions costless(LinkConditions link) {
        return new LinkConditions(0, 0, 0, link.rttNanos(), link.jitterNanos(), link.queueNanos(), link.tailScale());
    }

    /** Where the rate is not known: what has the best chance to be worth while at any. */
    private Choice fewestBytes(Options options, boolean linkUsable, long nowNanos) {
        Prediction local = options.local();
        double most = local != null && local.known() ? local.nanos() : Double.POSITIVE_INFINITY;
        Prediction fewest = null;
        for (Prediction option : options.usual()) {
            boolean fewer = fewest == null || !(option.wireBytes() > fewest.wireBytes());
            if (option != local && option.nanos() <= most && fewer) {
                fewest = option;
            }
        }
        if (fewest == null) {
            return choice(local, reason.noLinkWouldHelp(local));
        }
        if (linkUsable) {
            inForce.take(fewest.point(), fewest.level(), nowNanos);
        }
        return new Choice(fewest.point(), fewest.level(), Choice.UNKNOWN, reason.fewestBytes(fewest, linkUsable));
    }

    /**
     * The point in force is decided as if nothing were in flight: what is in flight passes, and would move it there and
     * back.
     */
    private Choice best(Question question, LinkConditions link) {
        long now = question.demand().nowNanos();
        int point = steady ? inForce.point() : InForce.NONE;
        double margin = steady ? inForce.margin(now) : 1;
        Selection lasting = select(question, link.withInFlight(0), point, margin);
        Selection alone = lasting;
        if (link.inFlightBytes() > 0) {
            alone = select(question, link, steady ? lasting.point() : InForce.NONE, steady ? InForce.MARGIN : 1);
        }
        inForce.take(lasting.point(), lasting.chosen().level(), now);
        String why = reason.of(alone, question.demand());
        return choice(alone.chosen(), alone.point() == lasting.point() ? why : reason.detour(why, link));
    }

    /** @param kept point that stays unless another one is better by the margin */
    private Selection select(Question question, LinkConditions link, int kept, double margin) {
        Options options = new Options(question, link, fixedLevels);
        options.dropDaringTrials();
        boolean returning = steady && fixedLevels == null && inForce.isCoarser();
        List<Prediction> inTime = options.inTime(options.usual(), returning ? margin : 1);
        boolean coarser = inTime.isEmpty();
        if (coarser) {
            inTime = options.inTime(options.coarser(), 1);
        }
        if (inTime.isEmpty()) {
            Prediction fastest = options.fastest();
            return new Selection(options, fastest, fastest, margin, InTime.NONE);
        }
        return new Selection(
                options,
                ranking.bestOrKept(inTime, kept, margin),
                ranking.best(inTime),
                margin,
                coarser ? InTime.COARSER_LEVELS : InTime.DEFAULT_LEVELS);
    }

    private static Choice choice(Prediction chosen, String why) {
        return new Choice(chosen.point(), chosen.level(), chosen.known() ? (long) chosen.nanos() : Choice.UNKNOWN, why);
    }
}
