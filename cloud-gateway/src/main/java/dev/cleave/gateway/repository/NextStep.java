package dev.cleave.gateway.repository;

import dev.cleave.bundle.VersionOrder;
import dev.cleave.gateway.repository.Situation.Held;
import dev.cleave.gateway.repository.Situation.OnDisk;
import dev.cleave.gateway.repository.Situation.Phase;
import dev.cleave.gateway.repository.Situation.Trouble;
import java.util.Comparator;
import java.util.List;

/**
 * What a repository does next. Pure: the whole of the decision, from a {@link Situation} to one {@link Step}.
 *
 * <p>In this order: what was read is loaded if there is room for it; else something is read; else something is let go of.
 * So a new version is there before the old one goes, unless the budget has no room for both. What holds whatever comes:
 *
 * <ul>
 *   <li>One version is read or loaded at a time.
 *   <li>What is counted never exceeds the budget.
 *   <li>A version that a label or an operator needs stays. One with open streams stays for {@code keepNanos}; any
 *       stays for {@code reconnectNanos} after it was needed, or had a stream, for agents that are connecting again.
 *   <li>The last READY version of a model stays as long as something on disk is meant to take its place. Only where there
 *       is no room for both does it go first, and only if it is idle.
 *   <li>Nothing goes to make room but what goes anyway.
 * </ul>
 */
final class NextStep {
    /** One thing to do. */
    sealed interface Step {
        /** Copy a file, open and check it. */
        record Read(String path) implements Step {}

        /** Load what was read. */
        record Load(int id) implements Step {}

        /** There is no room for what was read. */
        record Refuse(int id) implements Step {}

        /** @param withStreams also if a stream should have been opened in the meantime */
        record Drain(int id, boolean withStreams) implements Step {}

        /** Nothing, until something changes. */
        record Rest() implements Step {}
    }

    private final Situation situation;
    private final Wanted wanted;

    private NextStep(Situation situation) {
        this.situation = situation;
        this.wanted = Wanted.of(situation);
    }

    static Step of(Situation situation) {
        return new NextStep(situation).step();
    }

    private Step step() {
        Held read = situation.held().stream()
                .filter(held -> held.phase() == Phase.READ)
                .findFirst()
                .orElse(null);
        Step next = read == null ? nextRead() : room(read);
        return next == null ? nextDrain() : next;
    }

    /** Null while others drain that will make room. */
    private Step room(Held read) {
        if (read.bytes() <= free()) {
            return new Step.Load(read.id());
        }
        long draining = bytes(situation.held().stream()
                .filter(held -> held.phase() == Phase.DRAINING)
                .toList());
        List<Held> victims = victims(read.model(), read.path());
        if (read.bytes() > free() + draining + bytes(victims)) {
            return new Step.Refuse(read.id());
        }
        return read.bytes() <= free() + draining
                ? null
                : new Step.Drain(victims.get(0).id(), false);
    }

    private long free() {
        return situation.budget() - situation.used();
    }

    private static long bytes(List<Held> held) {
        return held.stream().mapToLong(Held::bytes).sum();
    }

    /**
     * What may go to make room for a version of a model, the oldest first: what is not needed any more, and of the same model
     * what is there only because this one did not fit.
     */
    private List<Held> victims(String model, String path) {
        boolean takesPlace = wanted.withRoom.contains(path);
        return situation.held().stream()
                .filter(held -> held.phase() == Phase.READY && held.streams() == 0 && !held.busy())
                .filter(held -> held.model().equals(model)
                        ? !wanted.isNeeded(held) || takesPlace && wanted.gaveWay(held)
                        : !wanted.isNeeded(held) && (hasSuccessor(held) || !wanted.isAwaited(held)))
                .sorted(Comparator.comparing(Held::model).thenComparing(NextStep::byAge))
                .toList();
    }

    /** By the texts alone: with releases of some it would be no order. */
    private static int byAge(Held a, Held b) {
        return VersionOrder.compare(a.version(), 0, b.version(), 0);
    }

    private Step nextRead() {
        boolean working = situation.held().stream()
                .anyMatch(held -> held.phase() == Phase.READING || held.phase() == Phase.LOADING);
        if (working) {
            return null;
        }
        return situation.files().stream()
                .filter(this::isToRead)
                .min(Comparator.comparing(OnDisk::model)
                        .thenComparing(Comparator.comparingLong(OnDisk::number).reversed())
                        .thenComparing(OnDisk::path))
                .map(file -> new Step.Read(file.path()))
                .orElse(null);
    }

    private boolean isToRead(OnDisk file) {
        boolean held = situation.held().stream()
                .anyMatch(other -> other.current() && other.path().equals(file.path()));
        return file.settled()
                && !held
                && wanted.isWanted(file)
                && (file.trouble() == Trouble.NONE || file.trouble() == Trouble.NO_ROOM && hasRoom(file));
    }

    private boolean hasRoom(OnDisk file) {
        return file.need() <= free() + bytes(victims(file.model(), file.path()));
    }

    private Step nextDrain() {
        return situation.held().stream()
                .filter(held -> held.phase() == Phase.READY && !wanted.isNeeded(held) && mayGo(held))
                .min(Comparator.comparing(Held::model).thenComparing(NextStep::byAge))
                .<Step>map(held -> new Step.Drain(held.id(), outlivesStreams(held)))
                .orElseGet(Step.Rest::new);
    }

    private boolean mayGo(Held held) {
        return (isLeft(held) || outlivesStreams(held)) && (hasSuccessor(held) || !wanted.isAwaited(held));
    }

    /** Whether no agent uses it, nor will in a moment: one may be connecting again, or have fetched it just now. */
    private boolean isLeft(Held held) {
        long unused = Math.min(held.unusedNanos(), held.outdatedNanos());
        return held.streams() == 0
                && (held.unloading() || unused >= Math.min(situation.reconnectNanos(), situation.keepNanos()));
    }

    private boolean outlivesStreams(Held held) {
        return held.forced() || held.outdatedNanos() >= situation.keepNanos();
    }

    /** Whether the model is served by a version that stays. */
    private boolean hasSuccessor(Held held) {
        return situation.held().stream()
                .anyMatch(other -> other.id() != held.id()
                        && other.phase() == Phase.READY
                        && other.model().equals(held.model())
                        && wanted.isNeeded(other));
    }
}
