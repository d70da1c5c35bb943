package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.repository.NextStep.Step;
import dev.cleave.gateway.repository.Situation.Held;
import dev.cleave.gateway.repository.Situation.OnDisk;
import dev.cleave.gateway.repository.Situation.Phase;
import dev.cleave.gateway.repository.Situation.Trouble;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random lives of a repository, step by step, against what must hold whatever comes. */
class NextStepPropertyTest {
    private static final int SEEDS = 200;
    private static final int EVENTS = 250;
    private static final int MOST_STEPS = 200;
    private static final long KEEP = 100;
    private static final long RECONNECT = 40;
    private static final String[] MODELS = {"a", "b", "c"};

    @Test
    void whateverComesNothingIsLostThatCouldBeKept() {
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = new World(new Random(seed));
            for (int event = 0; event < EVENTS; event++) {
                world.event();
                world.run("seed " + seed + " event " + event);
            }
            world.rest("seed " + seed);
        }
    }

    /** The runs above would prove little if they never got to the rare cases. */
    @Test
    void theRunsAboveSeeEveryKindOfStep() {
        Map<String, Integer> steps = new TreeMap<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = new World(new Random(seed));
            for (int event = 0; event < EVENTS; event++) {
                world.event();
                world.run("seed " + seed);
            }
            world.counts.forEach((kind, count) -> steps.merge(kind, count, Integer::sum));
        }
        assertThat(steps.keySet())
                .contains(
                        "Read",
                        "Load",
                        "Refuse",
                        "Drain",
                        "drain with streams",
                        "drain to make room",
                        "retry for room");
    }

    private static final class File {
        final String path;
        final String model;
        final long number;
        int stamp;
        String contentVersion;
        boolean broken;
        boolean settled;
        boolean asked;
        boolean heldBack;
        boolean known;
        Trouble trouble = Trouble.NONE;
        long bytes;
        long need;

        File(String path, String model, long number) {
            this.path = path;
            this.model = model;
            this.number = number;
        }

        String knownModel() {
            return number > 0 || known ? model : "";
        }

        String knownVersion() {
            return number > 0 ? Long.toString(number) : known ? contentVersion : "";
        }
    }

    private static final class Slot {
        int id;
        String path;
        int stamp;
        Phase phase = Phase.READING;
        String model;
        String version;
        boolean broken;
        long bytes;
        int streams;
        boolean busy;
        boolean pinned;
        boolean unloading;
        boolean forced;
        long outdatedSince = -1;
        long usedAt = -1;

        boolean counts() {
            return phase.compareTo(Phase.LOADING) >= 0;
        }
    }

    private static final class World {
        final Map<String, Integer> counts = new HashMap<>();
        private final Random random;
        private final LoadMode mode;
        private final VersionPolicy policy;
        private final long budget;
        private final Map<String, File> disk = new TreeMap<>();
        private final List<Slot> slots = new ArrayList<>();
        private final Map<String, Set<String>> labels = new HashMap<>();
        private int stamps;
        private int ids;
        private long now;

        World(Random random) {
            this.random = random;
            mode = random.nextInt(4) == 0 ? LoadMode.EXPLICIT : LoadMode.POLLING;
            policy = random.nextInt(5) == 0 ? VersionPolicy.ALL : VersionPolicy.latest(1 + random.nextInt(2));
            budget = random.nextBoolean() ? Long.MAX_VALUE : 100 + random.nextInt(200);
        }

        private <T> T any(List<T> from) {
            return from.isEmpty() ? null : from.get(random.nextInt(from.size()));
        }

        private List<Slot> in(Phase phase) {
            return slots.stream().filter(slot -> slot.phase == phase).toList();
        }

        void event() {
            now += random.nextInt(20);
            File file = any(new ArrayList<>(disk.values()));
            Slot ready = any(in(Phase.READY));
            switch (random.nextInt(16)) {
                case 0, 1 -> write();
                case 2 -> {
                    if (file != null && random.nextInt(3) == 0) {
                        disk.remove(file.path);
                    }
                }
                case 3, 4, 5 -> disk.values().forEach(any -> any.settled = true);
                case 6 -> openOrClose(ready, 1);
                case 7 -> openOrClose(any(slots), -1);
                case 8 -> relabel(ready);
                case 9 -> {
                    if (file != null && file.trouble != Trouble.FAILED) {
                        file.asked = true;
                        file.heldBack = false;
                        file.trouble = Trouble.NONE;
                        slots.stream()
                                .filter(slot -> slot.path.equals(file.path) && slot.stamp == file.stamp)
                                .forEach(slot -> {
                                    slot.pinned = true;
                                    slot.unloading = false;
                                });
                    }
                }
                case 10 -> unload(ready);
                case 11 -> {
                    if (ready != null) {
                        ready.busy = !ready.busy;
                    }
                }
                case 12 -> now += random.nextBoolean() ? KEEP : RECONNECT;
                default -> work();
            }
        }

        private void write() {
            String model = MODELS[random.nextInt(MODELS.length)];
            long number = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(5);
            String path = number == 0 ? model + ".cleave" : model + "/" + number + "/m.cleave";
            File file = new File(path, model, number);
            file.stamp = ++stamps;
            file.broken = random.nextInt(4) == 0;
            file.contentVersion = number == 0 ? "f" + stamps : Long.toString(number);
            file.bytes = 20 + random.nextInt(80);
            disk.put(path, file);
        }

        private void openOrClose(Slot slot, int change) {
            if (slot != null && slot.streams + change >= 0 && (change < 0 || slot.phase == Phase.READY)) {
                slot.streams += change;
                slot.usedAt = now;
            }
        }

        private void relabel(Slot ready) {
            if (ready != null && random.nextBoolean()) {
                labels.put(ready.model, Set.of(ready.version));
            } else {
                labels.remove(MODELS[random.nextInt(MODELS.length)]);
            }
        }

        private boolean isLabelled(String model, String version) {
            return labels.getOrDefault(model, Set.of()).contains(version);
        }

        private void unload(Slot ready) {
            if (ready == null || isLabelled(ready.model, ready.version)) {
                return;
            }
            ready.pinned = false;
            ready.unloading = true;
            ready.forced |= random.nextBoolean();
            File file = disk.get(ready.path);
            if (file != null && file.stamp == ready.stamp) {
                file.heldBack = true;
                file.asked = false;
            }
        }

        /** Something that takes long has ended. */
        private void work() {
            for (Slot slot : List.copyOf(slots)) {
                File file = disk.get(slot.path);
                File own = file != null && file.stamp == slot.stamp ? file : null;
                if (slot.phase == Phase.READING) {
                    if (slot.broken && random.nextBoolean()) {
                        fail(slot, own);
                    } else {
                        slot.phase = Phase.READ;
                        if (own != null) {
                            own.known = true;
                        }
                    }
                } else if (slot.phase == Phase.LOADING) {
                    if (slot.broken) {
                        fail(slot, own);
                    } else {
                        slot.phase = Phase.READY;
                        if (own != null) {
                            own.trouble = Trouble.NONE;
                        }
                    }
                } else if (slot.phase == Phase.DRAINING) {
                    slots.remove(slot);
                }
            }
        }

        private void fail(Slot slot, File own) {
            slots.remove(slot);
            if (own != null) {
                own.trouble = Trouble.FAILED;
            }
        }

        private Situation situation() {
            Situation first = snapshot();
            Wanted wanted = Wanted.of(first);
            for (Held held : first.held()) {
                Slot slot = slot(held.id());
                slot.outdatedSince = wanted.isNeeded(held) ? -1 : slot.outdatedSince < 0 ? now : slot.outdatedSince;
            }
            return snapshot();
        }

        private Situation snapshot() {
            return new Situation(
                    mode,
                    model -> policy,
                    labels,
                    disk.values().stream()
                            .map(file -> new OnDisk(
                                    file.path,
                                    file.knownModel(),
                                    file.knownVersion(),
                                    file.number,
                                    file.number == 0 ? file.model : "m",
                                    file.settled,
                                    file.asked,
                                    file.heldBack,
                                    file.trouble,
                                    file.need))
                            .toList(),
                    slots.stream().map(this::view).toList(),
                    budget,
                    KEEP,
                    RECONNECT);
        }

        private boolean isCurrent(Slot slot) {
            File file = disk.get(slot.path);
            return file != null && file.stamp == slot.stamp;
        }

        private Held view(Slot slot) {
            return new Held(
                    slot.id,
                    slot.path,
                    isCurrent(slot),
                    slot.phase,
                    slot.model,
                    slot.version,
                    slot.bytes,
                    slot.streams,
                    slot.busy,
                    slot.pinned,
                    slot.unloading,
                    slot.forced,
                    slot.outdatedSince < 0 ? 0 : now - slot.outdatedSince,
                    slot.usedAt < 0 ? Long.MAX_VALUE : now - slot.usedAt);
        }

        private Slot slot(int id) {
            return slots.stream().filter(slot -> slot.id == id).findFirst().orElseThrow();
        }

        private long used() {
            return slots.stream()
                    .filter(Slot::counts)
                    .mapToLong(slot -> slot.bytes)
                    .sum();
        }

        void run(String at) {
            for (int steps = 0; ; steps++) {
                assertThat(steps).as("steps at %s", at).isLessThan(MOST_STEPS);
                Step step = NextStep.of(situation());
                counts.merge(step.getClass().getSimpleName(), 1, Integer::sum);
                if (step instanceof Step.Rest) {
                    return;
                }
                apply(step, at);
                assertThat(used()).as("bytes at %s", at).isLessThanOrEqualTo(budget);
            }
        }

        private void apply(Step step, String at) {
            if (step instanceof Step.Read read) {
                read(disk.get(read.path()), at);
            } else if (step instanceof Step.Load load) {
                Slot slot = slot(load.id());
                assertThat(slot.phase).as(at).isEqualTo(Phase.READ);
                slot.phase = Phase.LOADING;
            } else if (step instanceof Step.Refuse refuse) {
                Slot slot = slot(refuse.id());
                assertThat(slot.phase).as(at).isEqualTo(Phase.READ);
                assertThat(used() + slot.bytes)
                        .as("refused at %s though it fits", at)
                        .isGreaterThan(budget);
                slots.remove(slot);
                if (isCurrent(slot)) {
                    disk.get(slot.path).trouble = Trouble.NO_ROOM;
                    disk.get(slot.path).need = slot.bytes;
                }
            } else if (step instanceof Step.Drain drain) {
                drain(slot(drain.id()), drain.withStreams(), at);
            }
        }

        private void read(File file, String at) {
            assertThat(slots).as("one at a time, %s", at).noneMatch(slot -> slot.phase.compareTo(Phase.READY) < 0);
            assertThat(file.settled).as("settled at %s", at).isTrue();
            assertThat(file.heldBack).as("held back at %s", at).isFalse();
            assertThat(file.trouble).as("trouble at %s", at).isNotEqualTo(Trouble.FAILED);
            if (file.trouble == Trouble.NO_ROOM) {
                counts.merge("retry for room", 1, Integer::sum);
            }
            Slot slot = new Slot();
            slot.id = ++ids;
            slot.path = file.path;
            slot.stamp = file.stamp;
            slot.model = file.model;
            slot.version = file.contentVersion;
            slot.broken = file.broken;
            slot.bytes = file.bytes;
            slot.pinned = file.asked;
            slots.add(slot);
        }

        private void drain(Slot slot, boolean withStreams, String at) {
            assertThat(slot.phase).as(at).isEqualTo(Phase.READY);
            assertThat(slot.pinned).as("pinned at %s", at).isFalse();
            boolean labelElsewhere = slots.stream()
                    .anyMatch(other -> other != slot
                            && other.phase == Phase.READY
                            && isCurrent(other)
                            && other.model.equals(slot.model)
                            && other.version.equals(slot.version));
            assertThat(isLabelled(slot.model, slot.version) && !labelElsewhere)
                    .as("labelled at %s", at)
                    .isFalse();
            if (slot.streams > 0) {
                counts.merge("drain with streams", 1, Integer::sum);
                assertThat(withStreams).as("streams at %s", at).isTrue();
                assertThat(slot.forced || slot.outdatedSince >= 0 && now - slot.outdatedSince >= KEEP)
                        .as("streams at %s", at)
                        .isTrue();
            }
            boolean makesRoom =
                    slots.stream().anyMatch(other -> other.phase == Phase.READ && used() + other.bytes > budget);
            if (makesRoom) {
                counts.merge("drain to make room", 1, Integer::sum);
            }
            assertThat(slot.streams > 0
                            || slot.unloading
                            || makesRoom
                            || (slot.usedAt < 0 || now - slot.usedAt >= RECONNECT)
                                    && slot.outdatedSince >= 0
                                    && now - slot.outdatedSince >= RECONNECT
                            || slot.forced
                            || slot.outdatedSince >= 0 && now - slot.outdatedSince >= KEEP)
                    .as("agents connect again at %s", at)
                    .isTrue();
            boolean others = slots.stream()
                    .anyMatch(other -> other != slot && other.phase == Phase.READY && other.model.equals(slot.model));
            boolean swap = makesRoom
                    && slots.stream().anyMatch(other -> other.phase == Phase.READ && other.model.equals(slot.model));
            assertThat(others || swap || !isAwaited(slot))
                    .as("last READY at %s: %s among %s with %s", at, view(slot), snapshot(), budget)
                    .isTrue();
            slot.phase = Phase.DRAINING;
        }

        /** Whether a file lies there that could serve the model, now or once it is whole. */
        private boolean isAwaited(Slot slot) {
            return disk.values().stream()
                    .anyMatch(file -> file.model.equals(slot.model)
                            && !file.heldBack
                            && !(file.path.equals(slot.path) && file.stamp == slot.stamp)
                            && (mode == LoadMode.POLLING || file.asked)
                            && (!slot.unloading || file.trouble == Trouble.NONE));
        }

        /** Nothing happens any more but that things end. */
        void rest(String at) {
            disk.values().forEach(file -> file.settled = true);
            slots.forEach(slot -> {
                slot.streams = 0;
                slot.busy = false;
            });
            for (int round = 0; round < MOST_STEPS; round++) {
                work();
                run(at);
                now += KEEP;
            }
            assertThat(slots).as("at rest %s: %s", at, snapshot()).allMatch(slot -> slot.phase == Phase.READY);
            if (budget == Long.MAX_VALUE && mode == LoadMode.POLLING) {
                for (String model : MODELS) {
                    assertThat(served(model)).as("%s of %s", model, at).containsAll(expected(model));
                    assertThat(expected(model).isEmpty() || served(model).size() >= 1)
                            .as(at)
                            .isTrue();
                }
            }
        }

        private Set<String> served(String model) {
            Set<String> versions = new HashSet<>();
            slots.stream().filter(slot -> slot.model.equals(model)).forEach(slot -> versions.add(slot.version));
            return versions;
        }

        private Set<String> expected(String model) {
            Set<String> versions = new HashSet<>();
            List<Long> numbers = new ArrayList<>();
            for (File file : disk.values()) {
                boolean good = file.model.equals(model) && !file.broken && !file.heldBack;
                if (good && file.number == 0) {
                    versions.add(file.contentVersion);
                } else if (good) {
                    numbers.add(file.number);
                }
            }
            numbers.sort((x, y) -> Long.compare(y, x));
            numbers.stream().limit(policy.latest()).forEach(number -> versions.add(Long.toString(number)));
            return versions;
        }
    }
}
