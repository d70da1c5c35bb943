package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;
import java.util.ArrayList;
import java.util.List;

/** What one request may choose from, with what each choice would take over one link. Not thread-safe. */
final class Options {
    /**
     * A choice of which something is not known is tried only where this many times the time of the fastest known one is
     * left: it might take much longer than it seems.
     */
    static final double TRIAL = 10;

    private final Question question;
    private final LinkConditions link;
    private final Prediction local;
    private final List<Prediction> usual = new ArrayList<>();
    private final List<Prediction> coarser = new ArrayList<>();

    /** @param fixedLevels by point, or null: the default, and coarser ones in need */
    Options(Question question, LinkConditions link, int[] fixedLevels) {
        this.question = question;
        this.link = link;
        for (int point : question.situation().remotePoints()) {
            usual.add(remote(point, fixedLevels == null ? 0 : fixedLevels[point]));
            int levels = question.costs().table().point(point).levels().size();
            for (int level = 1; fixedLevels == null && level < levels; level++) {
                if (question.costs().isCoarser(point, level)) {
                    coarser.add(remote(point, level));
                }
            }
        }
        dropUnknownSizes();
        int localPoint = question.situation().localPoint();
        local = question.situation().localPossible()
                ? Prediction.local(localPoint, question.cost(localPoint, 0))
                : null;
        if (local != null) {
            usual.add(local);
        }
    }

    private Prediction remote(int point, int level) {
        return Prediction.remote(point, level, question.cost(point, level), link);
    }

    /** A boundary of unknown size may be of any; it is not tried where there is one of known size. */
    private void dropUnknownSizes() {
        boolean someKnown = false;
        for (Prediction option : usual) {
            someKnown |= !Double.isNaN(option.wireBytes());
        }
        if (someKnown) {
            usual.removeIf(option -> Double.isNaN(option.wireBytes()));
        }
    }

    /** Leaves out what is not known, where finding out might cost the deadline. */
    void dropDaringTrials() {
        double fastestKnown = Double.POSITIVE_INFINITY;
        for (Prediction option : usual) {
            if (option.known()) {
                fastestKnown = Math.min(fastestKnown, option.nanos());
            }
        }
        if (fastestKnown < Double.POSITIVE_INFINITY && question.leftNanos() < TRIAL * fastestKnown) {
            usual.removeIf(option -> !option.known());
            coarser.removeIf(option -> !option.known());
        }
    }

    LinkConditions link() {
        return link;
    }

    /** Every point at its default level, or at the one that is fixed, and LOCAL. */
    List<Prediction> usual() {
        return usual;
    }

    /** Levels with fewer bytes than their point's default. */
    List<Prediction> coarser() {
        return coarser;
    }

    /** Null where LOCAL is not possible. */
    Prediction local() {
        return local;
    }

    /** The fastest of all, coarser levels included. */
    Prediction fastest() {
        List<Prediction> all = new ArrayList<>(usual);
        all.addAll(coarser);
        return Ranking.fastest(all);
    }

    /**
     * Those that meet the deadline with the link a standard deviation on its bad side. Where the device could answer in
     * time by itself, they do so before it would have to begin.
     *
     * @param slack factor on the time that they take
     */
    List<Prediction> inTime(List<Prediction> options, double slack) {
        List<Prediction> inTime = new ArrayList<>();
        for (Prediction option : options) {
            if (option.badNanos() * slack + reserveNanos(option) <= question.leftNanos()) {
                inTime.add(option);
            }
        }
        return inTime;
    }

    /** What is kept free after an option: the margin of LOCAL, and elsewhere a local run of the rest if there is time for one. */
    private double reserveNanos(Prediction option) {
        if (local == null || !local.known()) {
            return 0;
        }
        double whole = LocalStart.reserveNanos((long) local.nanos(), 0);
        if (option.point() == local.point()) {
            return whole - local.nanos();
        }
        long rest = (long) (local.nanos() - question.headNanos(option.point()));
        long wait = (long) question.heads().longestNanos();
        return whole <= question.leftNanos() ? LocalStart.reserveNanos(rest, wait) : 0;
    }
}
