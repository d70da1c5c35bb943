package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.Error;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand agents that break the protocol in every way, and one beside them that does not notice. */
class ThousandStreamsTest {
    private static final int STREAMS = 1_000;
    private static final int AT_A_TIME = 50;
    private static final long SEED = 20_260;
    /** What a gateway without work shows. */
    private static final List<String> EMPTY = List.of(
            "cleave_streams_open 0.0",
            "cleave_held_bytes 0.0",
            "cleave_incoming_bytes 0.0",
            "cleave_reference_bytes 0.0",
            "cleave_state_bytes 0.0",
            "cleave_queue_requests{model=\"affine\",version=\"1\"} 0.0");

    @TempDir
    Path models;

    private final AtomicBoolean enough = new AtomicBoolean();
    private Gateway gateway;

    @Test
    void doNoHarmToTheOneThatKeepsToIt() throws Exception {
        Bundle bundle = Bundle.open(Misdeed.MODEL.write(models));
        GatewayConfig config = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .modelsDirectory(models)
                .creditFrames(Misdeed.CREDIT_FRAMES)
                .chunkBytes(Misdeed.CHUNK_BYTES)
                .maxFrameBytes(1 << 20)
                .build();
        FakeEngine engine = new FakeEngine();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Gateway started = Gateway.start(config, engine)) {
            gateway = started;
            ManagedChannel good = channel();
            ManagedChannel bad = channel();
            Future<Integer> answered = thread.submit(() -> ask(good, bundle.id()));
            Map<Misdeed, Integer> committed = misbehave(bad, bundle.id());
            enough.set(true);
            assertThat(answered.get(2, TimeUnit.MINUTES)).isGreaterThan(100);
            assertThat(committed.values()).allSatisfy(times -> assertThat(times).isGreaterThan(10));
            bad.shutdownNow().awaitTermination(1, TimeUnit.MINUTES);
            good.shutdown();
            awaitEmpty();
        } finally {
            thread.shutdownNow();
        }
        assertThat(engine.openSessions()).isZero();
    }

    private ManagedChannel channel() {
        return NettyChannelBuilder.forAddress("localhost", gateway.port())
                .usePlaintext()
                .build();
    }

    /** Asks until the others are through, has all credit back, and leaves in good order. */
    private int ask(ManagedChannel channel, String bundle) throws InterruptedException {
        TestAgent agent = new TestAgent(channel);
        assertThat(agent.open(bundle).hasError()).isFalse();
        int answered = 0;
        while (!enough.get() || answered <= 100) {
            answered++;
            agent.send(TestAgent.frame(answered, 1, 2), Misdeed.MODEL.payload(1, answered, -answered));
            TestAgent.WholeReply reply = agent.reply(answered);
            assertThat(reply.error()).as(reply.header().getError().getMessage()).isNull();
            float[] values = decode(reply);
            assertThat(values[0]).isEqualTo(TestModel.y(answered));
            assertThat(values[Misdeed.MODEL.width()]).isEqualTo(TestModel.y(-answered));
        }
        agent.awaitCreditBack();
        assertThat(agent.creditFrames).isEqualTo(agent.sentFrames);
        assertThat(agent.creditBytes).isEqualTo(agent.sentBytes);
        agent.halfClose();
        assertThat(agent.awaitEnd().isOk()).isTrue();
        return answered;
    }

    private static float[] decode(TestAgent.WholeReply reply) {
        try {
            return Misdeed.MODEL.decode(1, 2, reply.payload());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** @return how often each was committed */
    private static Map<Misdeed, Integer> misbehave(ManagedChannel channel, String bundle) throws Exception {
        Random random = new Random(SEED);
        Misdeed[] all = Misdeed.values();
        Map<Misdeed, Integer> committed = new EnumMap<>(Misdeed.class);
        for (int begun = 0; begun < STREAMS; begun += AT_A_TIME) {
            List<ByteAgent> agents = new ArrayList<>();
            List<Misdeed> misdeeds = new ArrayList<>();
            for (int i = 0; i < AT_A_TIME; i++) {
                Misdeed misdeed = all[(begun + i) % all.length];
                ByteAgent agent = new ByteAgent(channel);
                misdeed.open(agent, bundle);
                misdeed.commit(agent, random);
                agents.add(agent);
                misdeeds.add(misdeed);
                committed.merge(misdeed, 1, Integer::sum);
            }
            for (int i = 0; i < AT_A_TIME; i++) {
                agents.get(i).awaitDealtWith();
                check(misdeeds.get(i), agents.get(i));
                leave(agents.get(i), random);
            }
        }
        return committed;
    }

    private static void check(Misdeed misdeed, ByteAgent agent) throws Exception {
        assertThat(agent.errors()).as(misdeed.name()).allSatisfy(error -> {
            assertThat(error.getCode()).isNotEqualTo(Error.Code.UNSPECIFIED);
            assertThat(error.getMessage()).isNotBlank().doesNotContain("\n", "Exception");
            assertThat(error.getMessage().length()).isLessThan(500);
        });
        assertThat(agent.errors()).as(misdeed.name()).extracting(Error::getCode).containsAll(misdeed.told());
        if (misdeed.ending() != null) {
            Status end = agent.awaitEnd();
            assertThat(end.getCode()).as(misdeed + " " + end).isEqualTo(misdeed.ending());
            assertThat(end.getDescription()).isNotBlank().doesNotContain("\n", "Exception");
        } else if (misdeed != Misdeed.PROTOCOL_WITH_BITS_FLIPPED && misdeed != Misdeed.UNKNOWN_BUNDLE) {
            assertThat(agent.end()).as(misdeed.name()).isNull();
        }
    }

    /** Some end in good order, some in the middle of something, some are still there when their connection breaks. */
    private static void leave(ByteAgent agent, Random random) {
        if (agent.end() != null) {
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> agent.halfClose();
            case 1 -> {
                agent.send(Misdeed.chunk(77, 0, 2, 3000).setFrameBytes(6000));
                agent.halfClose();
            }
            case 2 -> {
                agent.send(Misdeed.chunk(77, 0, 2, 3000).setFrameBytes(6000));
                agent.reset();
            }
            default -> agent.send(Misdeed.whole(78, random));
        }
    }

    private void awaitEmpty() throws Exception {
        HttpRequest scrape = HttpRequest.newBuilder(URI.create("http://localhost:" + gateway.httpPort() + "/metrics"))
                .build();
        HttpClient http = HttpClient.newHttpClient();
        List<String> left = EMPTY;
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); !left.isEmpty(); ) {
            String metrics =
                    http.send(scrape, HttpResponse.BodyHandlers.ofString()).body();
            left = EMPTY.stream().filter(line -> !metrics.contains(line)).toList();
            assertThat(System.nanoTime())
                    .as("never saw " + left + " in\n" + metrics)
                    .isLessThan(end);
        }
    }
}
