package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.crypto.Cryptographies;
import dev.cleave.crypto.SigningKey;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.update.UpdateSettings;
import dev.cleave.tensor.Tensor;
import dev.cleave.trust.BundleSigner;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Agents that fetch newer versions of their model from a gateway, try them, and keep them or give them back. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BundleUpdateTest {
    private static final int TRIAL = 40;
    private static final int WIDTH = 2048;

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel one;

    @AutoClose
    private static SplitModel two;

    /** As version 2, but many times as slow. */
    @AutoClose
    private static SplitModel slow;

    @TempDir
    private Path folder;

    private final List<String> events = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void split() throws Exception {
        one = SplitModel.version(temporary.resolve("one"), 1, ExactModels.classifierWithDetour(1, WIDTH, 0));
        two = SplitModel.version(temporary.resolve("two"), 2, ExactModels.classifierWithDetour(2, WIDTH, 0));
        slow = SplitModel.version(temporary.resolve("slow"), 2, ExactModels.classifierWithDetour(2, 1024, 200));
    }

    private final class Told implements AgentListener {
        @Override
        public void bundleUpdated(BundleVersion from, BundleVersion to) {
            events.add("updated " + from.modelVersion() + " to " + to.modelVersion());
        }

        @Override
        public void updateRefused(BundleVersion offered, String why) {
            events.add("refused " + offered.modelVersion() + ": " + why);
        }

        @Override
        public void rolledBack(BundleVersion from, BundleVersion to, String why) {
            events.add("back from " + from.modelVersion() + " to " + to.modelVersion() + ": " + why);
        }
    }

    /** A folder for a gateway. */
    private Path serving(Bundle... bundles) throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        for (Bundle bundle : bundles) {
            Files.copy(bundle.file(), models.resolve(bundle.id().substring(0, 8) + ".cleave"));
        }
        return models;
    }

    private EdgeAgentBuilder agent(Bundle bundle, int port) {
        return one.agent(bundle, port)
                .listener(new Told())
                .quality("raw")
                .updates(UpdateSettings.into(folder.resolve("updates"))
                        .trialRequests(TRIAL)
                        .checkingEvery(Duration.ofSeconds(1)));
    }

    private static float[] expected(int version, Tensor row) throws Exception {
        return (version == 1 ? one : two).direct(row);
    }

    private static InferenceResult requireVersion(int version, EdgeAgent agent) throws Exception {
        Tensor row = ExactModels.classifierRow(5);
        InferenceResult result = agent.infer(SplitModel.input(row)).get();
        assertThat(SplitModel.answer(result)).isEqualTo(expected(version, row));
        return result;
    }

    private void awaitEvent(String beginning) throws Exception {
        Eventually.until(
                beginning + " among " + events, () -> events.stream().anyMatch(event -> event.startsWith(beginning)));
    }

    private void awaitGood(Bundle version) throws Exception {
        Path versions = folder.resolve("updates").resolve("versions");
        Eventually.until(
                "a good version",
                () -> Files.exists(versions) && Files.readString(versions).contains(version.id() + " good"));
    }

    private long partBytes() throws IOException {
        Path updates = folder.resolve("updates");
        if (!Files.exists(updates)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(updates)) {
            long bytes = 0;
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".part")).toList()) {
                bytes += file.toFile().length();
            }
            return bytes;
        }
    }

    /** Requests, one after another, until they are told to stop; every one must be answered, by one of the versions. */
    private static Future<int[]> asking(EdgeAgent agent, AtomicBoolean stop, ExecutorService threads) {
        return threads.submit(() -> {
            int[] byVersion = new int[3];
            for (int i = 0; !stop.get(); i++) {
                Tensor row = ExactModels.classifierRow(i % SplitModel.CALIBRATED_ROWS);
                float[] answer =
                        SplitModel.answer(agent.infer(SplitModel.input(row)).get());
                int version = Arrays.equals(answer, expected(1, row)) ? 1 : 2;
                assertThat(answer).isEqualTo(expected(version, row));
                byVersion[version]++;
            }
            return byVersion;
        });
    }

    @Test
    void aVersionComesOverALinkThatBreaksTwiceWhileRequestsAreAnswered() throws Exception {
        Path models = serving(one.bundle(), two.bundle());
        ExecutorService threads = Executors.newFixedThreadPool(2);
        AtomicBoolean stop = new AtomicBoolean();
        try (GatewayProcess gateway = GatewayProcess.start(models, 0, "{\"chunkBytes\": \"16k\"}");
                LinkShaper link =
                        LinkShaper.startLocal(gateway.port(), Links.symmetric("4mbit", Duration.ofMillis(20)));
                EdgeAgent agent =
                        agent(one.bundle(), link.port()).split(Split.at(1)).build()) {
            List<Future<int[]>> asking = new ArrayList<>();
            asking.add(asking(agent, stop, threads));
            asking.add(asking(agent, stop, threads));
            long had = 0;
            for (int broken = 0; broken < 2; broken++) {
                long before = had;
                Eventually.until("more of it has come", () -> partBytes() > before + 50_000);
                link.cut();
                had = partBytes();
                link.restore();
            }
            awaitEvent("updated 1 to 2");
            awaitGood(two.bundle());
            stop.set(true);
            int[] answered = new int[3];
            for (Future<int[]> asked : asking) {
                answered[1] += asked.get()[1];
                answered[2] += asked.get()[2];
            }
            assertThat(answered[1]).isPositive();
            assertThat(answered[2]).isGreaterThanOrEqualTo(TRIAL);
            assertThat(events).containsExactly("updated 1 to 2");
            assertThat(agent.bundleId()).isEqualTo(two.bundle().id());
            Eventually.until("split again", () -> requireVersion(2, agent).source() == Source.SPLIT);
            long view = Files.size(folder.resolve("updates").resolve(agent.bundleId() + ".cleave"));
            assertThat(link.bytesDown())
                    .as("what crossed, though it broke twice")
                    .isLessThan(view * 3 / 2);
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
    }

    @Test
    void aVersionThatIsSlowIsGivenBackAndNotTakenAgain() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(serving(one.bundle(), slow.bundle()))) {
            try (EdgeAgent agent =
                    agent(one.bundle(), gateway.port()).split(Split.local()).build()) {
                Eventually.until("tried and given back", () -> {
                    requireAnyAnswer(agent);
                    return events.size() == 2;
                });
                assertThat(events.get(0)).isEqualTo("updated 1 to 2");
                assertThat(events.get(1)).matches("back from 2 to 1: it takes .* ms .* took .* ms");
                requireVersion(1, agent);
            }
            try (EdgeAgent agent =
                    agent(one.bundle(), gateway.port()).split(Split.local()).build()) {
                requireVersion(1, agent);
                assertThat(events).hasSize(2);
            }
        }
    }

    private static void requireAnyAnswer(EdgeAgent agent) throws Exception {
        Tensor row = ExactModels.classifierRow(3);
        assertThat(SplitModel.argmax(
                        SplitModel.answer(agent.infer(SplitModel.input(row)).get())))
                .isEqualTo(3);
    }

    @Test
    void anAgentOfTheVersionBeforeAnswersLocallyUntilItHasTheNewOne() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(serving(two.bundle()));
                EdgeAgent agent =
                        agent(one.bundle(), gateway.port()).split(Split.at(1)).build()) {
            assertThat(requireEither(agent).source()).isEqualTo(Source.LOCAL);
            awaitEvent("updated 1 to 2");
            Eventually.until("split again", () -> requireVersion(2, agent).source() == Source.SPLIT);
        }
    }

    private static InferenceResult requireEither(EdgeAgent agent) throws Exception {
        Tensor row = ExactModels.classifierRow(5);
        InferenceResult result = agent.infer(SplitModel.input(row)).get();
        assertThat(SplitModel.answer(result)).isIn(expected(1, row), expected(2, row));
        return result;
    }

    @Test
    void whereAKeyIsSetOnlyWhatItSignedIsTakenAndNothingOlder() throws Exception {
        SigningKey key = SigningKey.generate(new SecureRandom());
        SigningKey stranger = SigningKey.generate(new SecureRandom());
        Bundle current = signed(one.bundle(), key, 5);
        BundleTrust trust = BundleTrust.of(key.verifyingKey(Cryptographies.find()))
                .rememberingReleasesIn(folder.resolve("releases"));
        try (GatewayProcess gateway = GatewayProcess.start(serving(two.bundle()));
                EdgeAgent agent = agent(current, gateway.port()).trust(trust).build()) {
            awaitEvent("refused 2: it is not signed; expected a signature by a trusted key");
            requireVersion(1, agent);
        }
        clear("models");
        try (GatewayProcess gateway = GatewayProcess.start(serving(signed(two.bundle(), stranger, 6)));
                EdgeAgent agent = agent(current, gateway.port()).trust(trust).build()) {
            awaitEvent("refused 2: " + folder.resolve("updates"));
            assertThat(events.get(events.size() - 1)).contains("is signed by key");
            requireVersion(1, agent);
        }
        clear("models");
        try (GatewayProcess gateway = GatewayProcess.start(serving(current, signed(two.bundle(), key, 6)))) {
            try (EdgeAgent agent = agent(current, gateway.port()).trust(trust).build()) {
                awaitEvent("updated 1 to 2");
                for (int i = 0; i <= TRIAL; i++) {
                    requireVersion(2, agent);
                }
                awaitGood(two.bundle());
            }
            assertThat(Files.readString(folder.resolve("releases").resolve("releases")))
                    .isEqualTo("classifier 6\n");
            try (EdgeAgent agent = agent(current, gateway.port()).trust(trust).build()) {
                requireVersion(2, agent);
            }
        }
    }

    private Bundle signed(Bundle bundle, SigningKey key, long release) throws IOException {
        Path file = folder.resolve("release-" + release + ".cleave");
        BundleSigner.sign(bundle, List.of(key), release, file);
        return Bundle.open(file);
    }

    private void clear(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            // What a gateway keeps of its own lies in a folder.
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
    }
}
