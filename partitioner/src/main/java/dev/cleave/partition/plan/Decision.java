package dev.cleave.partition.plan;

import dev.cleave.partition.plan.SplitPlan.Candidate;
import dev.cleave.partition.plan.SplitPlan.Layer;
import dev.cleave.partition.plan.SplitPlan.Range;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The choice among rows that are known: ranks them for a link, excludes what constraints refuse, finds who wins from which
 * uplink to which, picks a ladder. Arithmetic on a few rows; runs nothing.
 */
public final class Decision {
    /** Uplinks that ranges and ladders look at. */
    static final double LOWEST_RATE = 16e3;

    static final double HIGHEST_RATE = 10e9;
    /** Points a decade at which the winner is looked up; borders between them are found by bisection. */
    private static final int STEPS_PER_DECADE = 24;

    private static final int BISECTIONS = 40;
    /** Rows of which nothing was encoded, in a plan; there may be hundreds. */
    private static final int MOST_GUESSES = 4;

    private final CostTable table;
    private final LinkProfile link;
    private final Objective objective;
    private final Constraints constraints;
    private final int ladderPoints;

    private Decision(
            CostTable table, LinkProfile link, Objective objective, Constraints constraints, int ladderPoints) {
        this.table = table;
        this.link = link;
        this.objective = objective;
        this.constraints = constraints;
        this.ladderPoints = ladderPoints;
    }

    /**
     * Decides.
     *
     * @param ladderPoints most points of a ladder; 0 for none
     * @param nanoClock {@code System::nanoTime}
     */
    public static SplitPlan of(
            CostTable table,
            LinkProfile link,
            Objective objective,
            Constraints constraints,
            int ladderPoints,
            LongSupplier nanoClock) {
        long started = nanoClock.getAsLong();
        return new Decision(table, link, objective, constraints, ladderPoints).plan(started, nanoClock);
    }

    private SplitPlan plan(long started, LongSupplier nanoClock) {
        Map<CandidateCost, String> refusals = new IdentityHashMap<>();
        List<CandidateCost> allowed = new ArrayList<>();
        List<CandidateCost> guessed = new ArrayList<>();
        List<CandidateCost> refused = new ArrayList<>();
        for (CandidateCost row : table.rows()) {
            String reason = refusalOf(row);
            refusals.put(row, reason);
            (reason != null ? refused : row.isSurveyed() ? allowed : guessed).add(row);
        }
        List<CandidateCost> ranked = new ArrayList<>(Ranking.of(allowed, link, objective));
        int chosen = ranked.isEmpty() ? -1 : 0;
        LeastRegretLadder ladder = LeastRegretLadder.choose(allowed, guessed, link, ladderPoints);
        List<CandidateCost> rungs = table.fixedLadder().isEmpty() ? ladder.points() : table.fixedLadder();
        ranked.addAll(shown(Ranking.of(guessed, link, objective), rungs));
        ranked.addAll(shown(Ranking.of(refused, link, objective), List.of()));
        List<Candidate> candidates =
                ranked.stream().map(row -> candidate(row, refusals.get(row))).toList();
        List<Integer> points = rungs.stream().map(row -> indexOf(row, ranked)).toList();
        List<Range> ranges = ranges(allowed, ranked);
        String reason = new Reason(candidates, chosen, link, objective).text();
        double millis = table.searchMillis() + (nanoClock.getAsLong() - started) / 1e6;
        return new SplitPlan(
                table.model(),
                table.nodes(),
                table.edge(),
                table.edgeSlowdown(),
                table.cloud(),
                table.metric(),
                link,
                objective,
                candidates,
                chosen,
                ranges,
                points,
                ladder.regret(),
                table.layers().stream().map(layer -> marked(layer, ranked)).toList(),
                reason,
                millis);
    }

    /** Of rows in their order: those that were surveyed, those that are wanted, and the first few of the others. */
    private static List<CandidateCost> shown(List<CandidateCost> ranked, List<CandidateCost> wanted) {
        List<CandidateCost> shown = new ArrayList<>();
        int guesses = 0;
        for (CandidateCost row : ranked) {
            if (row.isSurveyed() || wanted.contains(row) || guesses++ < MOST_GUESSES) {
                shown.add(row);
            }
        }
        return shown;
    }

    private String refusalOf(CandidateCost row) {
        if (constraints.floor() != null && !isAfterFloor(row)) {
            return "it is before \"" + constraints.floor().shortPoint()
                    + "\", and nothing before that may leave the device";
        }
        if (isBeforeFloorOfBundle(row)) {
            return "it is before point " + table.privacyFloor() + ", and nothing before that may leave the device";
        }
        if (row.headMemoryBytes() > constraints.edgeMemoryBytes()) {
            return "the device would need " + Reason.bytes(row.headMemoryBytes()) + " and has "
                    + Reason.bytes(constraints.edgeMemoryBytes());
        }
        if (constraints.areMissedBy(row.agreement(), row.agreementInputs())) {
            return String.format(
                    Locale.ROOT,
                    "it agrees on %.1f %% of the inputs, and %.1f %% are wanted",
                    row.agreement() * 100,
                    (1 - constraints.maxDisagreement()) * 100);
        }
        return null;
    }

    private boolean isBeforeFloorOfBundle(CandidateCost row) {
        boolean cloud = row.kind() != CandidateKind.LOCAL && row.kind() != CandidateKind.SPLIT;
        int point = cloud ? 0 : table.fixedLadder().indexOf(row) + 1;
        return row.kind() != CandidateKind.LOCAL && row.cut() == null && point < table.privacyFloor();
    }

    private boolean isAfterFloor(CandidateCost row) {
        return switch (row.kind()) {
            case LOCAL -> true;
            case SPLIT -> row.cut() != null && constraints.floor().isWithin(row.cut());
            default -> false;
        };
    }

    private Candidate candidate(CandidateCost row, String refused) {
        boolean local = row.kind() == CandidateKind.LOCAL;
        return new Candidate(
                row,
                local ? 0 : link.uplinkMillis(row.wireBytes()),
                local ? 0 : link.downlinkMillis(row.replyBytes()),
                row.totalMillis(link),
                refused);
    }

    private static int indexOf(CandidateCost row, List<CandidateCost> ranked) {
        for (int i = 0; i < ranked.size(); i++) {
            if (ranked.get(i) == row) {
                return i;
            }
        }
        return -1;
    }

    /** Layers know their place in the table; here it becomes the place in the ranking. */
    private Layer marked(Layer layer, List<CandidateCost> ranked) {
        int candidate = layer.candidate() < 0 ? -1 : indexOf(table.rows().get(layer.candidate()), ranked);
        return new Layer(layer.label(), layer.edgeMillis(), layer.cloudMillis(), layer.boundaryBytes(), candidate);
    }

    private List<Range> ranges(List<CandidateCost> allowed, List<CandidateCost> ranked) {
        if (allowed.isEmpty()) {
            return List.of();
        }
        int steps = (int) Math.round(Math.log10(HIGHEST_RATE / LOWEST_RATE) * STEPS_PER_DECADE);
        List<Range> ranges = new ArrayList<>();
        double from = LOWEST_RATE;
        double before = LOWEST_RATE;
        CandidateCost winner = winner(allowed, before);
        for (int step = 1; step <= steps; step++) {
            double rate = LOWEST_RATE * Math.pow(HIGHEST_RATE / LOWEST_RATE, (double) step / steps);
            CandidateCost last = winner(allowed, rate);
            // Between two looks several may win in turn; more borders than candidates would be rounding.
            for (int borders = 1; winner != last; borders++) {
                double border = border(allowed, winner, before, rate);
                ranges.add(new Range(from, border, indexOf(winner, ranked)));
                winner = borders < allowed.size() ? winner(allowed, border) : last;
                from = border;
                before = border;
            }
            before = rate;
        }
        ranges.add(new Range(from, Double.POSITIVE_INFINITY, indexOf(winner, ranked)));
        return ranges;
    }

    /** The lowest rate between two at which a winner no longer wins. */
    private double border(List<CandidateCost> allowed, CandidateCost winner, double low, double high) {
        double wins = low;
        double loses = high;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = Math.sqrt(wins * loses);
            if (winner(allowed, middle) == winner) {
                wins = middle;
            } else {
                loses = middle;
            }
        }
        return loses;
    }

    private CandidateCost winner(List<CandidateCost> allowed, double rate) {
        return Ranking.of(allowed, link.withUplink(rate), objective).get(0);
    }
}
