package dev.cleave.benchmarks.serving;

import dev.cleave.benchmarks.batch.DeclaredCost;
import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.field.WideModel;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.Metrics;
import dev.cleave.bundle.Bundle;
import dev.cleave.cli.failure.UserException;
import dev.cleave.engine.Engine;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Reply;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Requests whose deadlines fall into a run of seconds, requests that are cancelled meanwhile, more requests than the queue takes, and urgent ones among a
 * flood.
 */
@Command(
        name = "deadlines",
        description = "What becomes of requests while a gateway is busy.",
        mixinStandardHelpOptions = true)
final class Deadlines extends FieldCommand {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final int SIDE = 8;
    private static final int DEADLINE_MILLIS = 200;
    private static final int TOLERANCE_MILLIS = 20;
    private static final int BOUND = 100;
    private static final int OFFERS = 1_000;
    private static final int STREAMS = 20;
    private static final int MATRIX = 2048;
    private static final int PATIENCE_SECONDS = 120;
    private static final int WARM_UP = 300;
    private static final int OWN_RUN_SECONDS = 5;
    /** A full batch, which starts when its last row is there. */
    private static final int OWN_ROWS = 32;

    @Option(
            names = "--requests",
            paramLabel = "N",
            description = "With a deadline in a busy run, and cancelled ones. Default 50.")
    private int requests = 50;

    @Option(
            names = "--products",
            paramLabel = "N",
            description = "Of matrices, so that a run takes some 5 s. Default 24.")
    private int products = 24;

    @Option(names = "--flood", paramLabel = "SECONDS", description = "Default 15.")
    private int floodSeconds = 15;

    private final MarkdownTable busy = new MarkdownTable(
            "engine", "run s", "requests", "least ms", "median ms", "most ms", "cancelled", "of both ran");

    private final MarkdownTable urgentShares = new MarkdownTable(
            "", "requests", "mean ms", "queue ms", "decode ms", "run ms", "encode ms", "gateway ms", "outside ms");

    /** What came of each request of one stream. */
    private static final class Replies {
        final Map<Long, Long> sent = new ConcurrentHashMap<>();
        final Map<Long, Double> millis = new ConcurrentHashMap<>();
        final Map<Long, GatewayTiming> timings = new ConcurrentHashMap<>();
        final Map<Long, Error.Code> codes = new ConcurrentHashMap<>();

        void add(Reply reply, long atNanos) {
            millis.put(
                    reply.getRequestId(),
                    (atNanos - sent.getOrDefault(reply.getRequestId(), atNanos)) / NANOS_PER_MILLI);
            timings.put(reply.getRequestId(), reply.getTiming());
            codes.put(reply.getRequestId(), reply.getError().getCode());
        }

        void send(FrameClient client, Frame frame) {
            sent.put(frame.getRequestId(), System.nanoTime());
            client.send(frame);
        }

        void await(int count) throws InterruptedException {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (codes.size() < count) {
                if (System.nanoTime() > until) {
                    throw new UserException(
                            codes.size() + " replies after " + PATIENCE_SECONDS + " s; expected " + count);
                }
                Thread.sleep(5);
            }
        }

        long count(Error.Code code) {
            return codes.values().stream().filter(code::equals).count();
        }
    }

    public static void main(String[] arguments) {
        run(new Deadlines(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        Path wide = WideModel.split(SIDE, Files.createDirectories(work.resolve("wide")));
        whileBusy("declared, 5 s", wide, new DeclaredCost(engine, TimeUnit.SECONDS.toNanos(5), 0), 0);
        Path heavy = HeavyModel.split(MATRIX, work.resolve("heavy"));
        whileBusy(engine.name() + ", " + products + " products", heavy, engine, products);
        ownRun(wide, new DeclaredCost(engine, TimeUnit.SECONDS.toNanos(OWN_RUN_SECONDS), 0));
        offers(wide, new DeclaredCost(engine, TimeUnit.SECONDS.toNanos(2), 0));
        MarkdownTable flood = flood(wide, new DeclaredCost(engine, 12_000_000, 200_000));
        MarkdownPage page = new MarkdownPage(
                "Requests while a gateway is busy",
                engine,
                List.of("frames are sent without an agent, over loopback, from the gateway's process; one executor"));
        page.add(
                "Requests of " + DEADLINE_MILLIS + " ms that come in a long run, and others that are cancelled in it:",
                busy);
        page.add(
                "Urgent requests among a flood that keeps " + 8 * BOUND
                        + " others waiting, runs of 12 ms and 0.2 ms a row:",
                flood);
        page.add(
                "Where the time of the urgent ones goes, as replies tell it; outside is before a frame is whole, and after its reply is handed over:",
                urgentShares);
        return page;
    }

    private static GatewayConfig config(Path bundle) {
        return GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .providers(List.of("cpu"))
                .threads(1)
                .creditFrames(4 * OFFERS)
                .modelsDirectory(bundle.getParent())
                .build();
    }

    private static ManagedChannel channel(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    /** @param value of what is sent */
    private void whileBusy(String what, Path file, Engine engine, float value) throws Exception {
        notes.say(what + ": deadlines");
        Bundle bundle = Bundle.open(file);
        Frames frames = Frames.of(bundle, 1, value);
        Replies replies = new Replies();
        try (Gateway gateway = Gateway.start(config(file), engine)) {
            ManagedChannel channel = channel(gateway.port());
            warmUp(channel, bundle);
            try (FrameClient client = FrameClient.open(channel, bundle.id(), replies::add)) {
                Frame first = frames.next();
                replies.send(client, first);
                Thread.sleep(100);
                List<Long> late = new ArrayList<>();
                List<Frame> cancelled = new ArrayList<>();
                for (int i = 0; i < requests; i++) {
                    Frame limited = frames.withDeadline(TimeUnit.MILLISECONDS.toMicros(DEADLINE_MILLIS));
                    late.add(limited.getRequestId());
                    replies.send(client, limited);
                    cancelled.add(frames.next());
                    replies.send(client, cancelled.get(i));
                    Thread.sleep(40);
                }
                cancelled.forEach(frame -> client.cancel(frame.getRequestId()));
                replies.await(1 + 2 * requests);
                report(what, replies, late, replies.millis.get(first.getRequestId()), gateway);
            } finally {
                channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            }
        }
    }

    /** A batch whose requests all have deadlines that fall into its own run. */
    private void ownRun(Path file, Engine engine) throws Exception {
        String what = "declared, " + OWN_RUN_SECONDS + " s, their own run";
        notes.say(what);
        Bundle bundle = Bundle.open(file);
        GatewayConfig config = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .providers(List.of("cpu"))
                .maxBatch(OWN_ROWS)
                .maxQueueDelay(Duration.ofSeconds(OWN_RUN_SECONDS))
                .modelsDirectory(file.getParent())
                .build();
        Frames frames = Frames.of(bundle, 1, 0);
        Replies replies = new Replies();
        try (Gateway gateway = Gateway.start(config, engine)) {
            ManagedChannel channel = channel(gateway.port());
            warmUp(channel, bundle);
            try (FrameClient client = FrameClient.open(channel, bundle.id(), replies::add)) {
                for (int i = 0; i < OWN_ROWS; i++) {
                    replies.send(client, frames.withDeadline(TimeUnit.MILLISECONDS.toMicros(DEADLINE_MILLIS)));
                }
                replies.await(OWN_ROWS);
                List<Double> millis = new ArrayList<>(replies.millis.values());
                double least = Statistics.quantile(millis, 0);
                double most = Statistics.quantile(millis, 1);
                long ran = Math.round(GatewayChild.metrics(gateway.httpPort()).sum("cleave_batch_requests_sum", ""));
                busy.row(what, OWN_RUN_SECONDS, OWN_ROWS, least, Statistics.quantile(millis, 0.5), most, 0, ran);
                verdict(
                        replies.count(Error.Code.DEADLINE_EXCEEDED) == OWN_ROWS
                                && ran == OWN_ROWS
                                && least >= DEADLINE_MILLIS - TOLERANCE_MILLIS
                                && most <= DEADLINE_MILLIS + TOLERANCE_MILLIS,
                        format(
                                "%s: %d deadlines of %d ms of %d that ran, answered after %.1f to %.1f ms (wanted +- %d)",
                                what, OWN_ROWS, DEADLINE_MILLIS, ran, least, most, TOLERANCE_MILLIS));
            } finally {
                channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            }
        }
    }

    /** Requests that are too late when they come: the JVM has compiled the way to the queue and back, and nothing has run. */
    private static void warmUp(ManagedChannel channel, Bundle bundle) throws Exception {
        Replies replies = new Replies();
        Frames frames = Frames.of(bundle, 1, 0);
        try (FrameClient client = FrameClient.open(channel, bundle.id(), replies::add)) {
            for (int i = 1; i <= WARM_UP; i++) {
                replies.send(client, frames.withDeadline(1));
                replies.await(i);
            }
        }
    }

    private void report(String what, Replies replies, List<Long> late, double runMillis, Gateway gateway)
            throws Exception {
        List<Double> millis = late.stream().map(replies.millis::get).toList();
        Metrics metrics = GatewayChild.metrics(gateway.httpPort());
        long ran = Math.round(metrics.sum("cleave_batch_requests_sum", "")) - 1;
        long expired = replies.count(Error.Code.DEADLINE_EXCEEDED);
        long cancelled = replies.count(Error.Code.CANCELLED);
        double least = Statistics.quantile(millis, 0);
        double most = Statistics.quantile(millis, 1);
        busy.row(what, runMillis / 1000, requests, least, Statistics.quantile(millis, 0.5), most, cancelled, ran);
        verdict(
                expired == requests
                        && least >= DEADLINE_MILLIS - TOLERANCE_MILLIS
                        && most <= DEADLINE_MILLIS + TOLERANCE_MILLIS,
                format(
                        "%s: %d of %d deadlines of %d ms answered as missed after %.1f to %.1f ms (wanted +- %d) while a run took %.1f s",
                        what, expired, requests, DEADLINE_MILLIS, least, most, TOLERANCE_MILLIS, runMillis / 1000));
        verdict(
                cancelled == requests && ran == 0,
                format(
                        "%s: %d of %d were cancelled, %d of them or of those above ran (wanted 0)",
                        what, cancelled, requests, ran));
    }

    /** Streams that all offer at once what the queue has no room for. */
    private void offers(Path file, Engine engine) throws Exception {
        notes.say(OFFERS + " offers");
        Bundle bundle = Bundle.open(file);
        GatewayConfig config = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .providers(List.of("cpu"))
                .creditFrames(OFFERS)
                .queueBound(BOUND)
                .modelsDirectory(file.getParent())
                .build();
        List<FrameClient> clients = new ArrayList<>();
        List<Replies> all = new ArrayList<>();
        try (Gateway gateway = Gateway.start(config, engine)) {
            ManagedChannel channel = channel(gateway.port());
            for (int i = 0; i <= STREAMS; i++) {
                Replies replies = new Replies();
                all.add(replies);
                clients.add(FrameClient.open(channel, bundle.id(), replies::add));
            }
            all.get(STREAMS).send(clients.get(STREAMS), Frames.of(bundle, 1, 0).next());
            Thread.sleep(200);
            List<Thread> senders = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                FrameClient client = clients.get(i);
                Replies replies = all.get(i);
                Frames frames = Frames.of(bundle, 1, 0);
                senders.add(new Thread(() -> {
                    for (int k = 0; k < OFFERS / STREAMS; k++) {
                        replies.send(client, frames.next());
                    }
                }));
            }
            senders.forEach(Thread::start);
            for (Thread sender : senders) {
                sender.join();
            }
            long admitted = 0;
            long refused = 0;
            for (int i = 0; i < STREAMS; i++) {
                all.get(i).await(OFFERS / STREAMS);
                admitted += all.get(i).count(Error.Code.UNSPECIFIED);
                refused += all.get(i).count(Error.Code.OVERLOADED);
            }
            clients.forEach(FrameClient::close);
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            verdict(
                    admitted == BOUND && admitted + refused == OFFERS,
                    format(
                            "%d offers on %d streams against a bound of %d in a run: %d answered, %d refused as too many",
                            OFFERS, STREAMS, BOUND, admitted, refused));
        }
    }

    /** Where the time of all urgent requests goes, and of the slowest. */
    private static void shares(String which, List<Long> requests, Replies urgent, MarkdownTable table) {
        List<GatewayTiming> timings = requests.stream().map(urgent.timings::get).toList();
        double all = requests.stream().mapToDouble(urgent.millis::get).average().orElseThrow();
        double there = mean(timings, GatewayTiming::getResidenceMicros);
        table.row(
                which,
                requests.size(),
                all,
                mean(timings, GatewayTiming::getQueueMicros),
                mean(timings, GatewayTiming::getDecodeMicros),
                mean(timings, GatewayTiming::getTailMicros),
                mean(timings, GatewayTiming::getEncodeMicros),
                there,
                all - there);
    }

    private static double mean(List<GatewayTiming> timings, ToLongFunction<GatewayTiming> micros) {
        return timings.stream().mapToLong(micros).average().orElseThrow() / 1e3;
    }

    /** Frames of low priority that always wait, and now and then an urgent one. */
    private MarkdownTable flood(Path file, Engine engine) throws Exception {
        notes.say("urgent among many");
        MarkdownTable table = new MarkdownTable("", "requests", "p50 ms", "p99 ms", "most ms", "rows a batch");
        Bundle bundle = Bundle.open(file);
        try (Gateway gateway = Gateway.start(config(file), engine)) {
            ManagedChannel channel = channel(gateway.port());
            Flood flood = new Flood(channel, bundle, 8 * BOUND);
            Replies urgent = new Replies();
            Frames frames = Frames.of(bundle, 1, 0);
            Metrics before;
            Metrics after;
            long begin;
            double seconds;
            try (FrameClient client = FrameClient.open(channel, bundle.id(), urgent::add)) {
                Thread.sleep(2_000);
                before = GatewayChild.metrics(gateway.httpPort());
                begin = System.nanoTime();
                int count = floodSeconds * 1_000 / 37;
                for (int i = 0; i < count; i++) {
                    urgent.send(client, frames.withPriority(10));
                    Thread.sleep(37);
                }
                urgent.await(count);
                after = GatewayChild.metrics(gateway.httpPort());
                seconds = (System.nanoTime() - begin) / 1e9;
            } finally {
                flood.close();
                channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            }
            double batches = after.sum("cleave_batch_rows_count", "") - before.sum("cleave_batch_rows_count", "");
            double rows = (after.sum("cleave_batch_rows_sum", "") - before.sum("cleave_batch_rows_sum", "")) / batches;
            double batchMillis = 1000 * seconds / batches;
            List<Double> millis = new ArrayList<>(urgent.millis.values());
            double p99 = Statistics.quantile(millis, 0.99);
            table.row(
                    "urgent",
                    millis.size(),
                    Statistics.quantile(millis, 0.5),
                    p99,
                    Statistics.quantile(millis, 1),
                    rows);
            table.row(
                    "the flood",
                    flood.millis().size(),
                    Statistics.quantile(flood.millis(), 0.5),
                    Statistics.quantile(flood.millis(), 0.99),
                    Statistics.quantile(flood.millis(), 1),
                    "");
            List<Long> slowestLast = urgent.millis.keySet().stream()
                    .sorted(Comparator.comparing(urgent.millis::get))
                    .toList();
            shares("all", slowestLast, urgent, urgentShares);
            shares(
                    "the slowest of 20",
                    slowestLast.subList(slowestLast.size() * 19 / 20, slowestLast.size()),
                    urgent,
                    urgentShares);
            verdict(
                    p99 <= 2 * batchMillis,
                    format(
                            "urgent requests: p99 %.1f ms (wanted at most two batches, each of which took the executor %.1f ms)",
                            p99, batchMillis));
        }
        return table;
    }
}
