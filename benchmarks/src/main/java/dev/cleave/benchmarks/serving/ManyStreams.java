package dev.cleave.benchmarks.serving;

import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.field.WideModel;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.ProcessMemory;
import dev.cleave.bundle.Bundle;
import dev.cleave.engine.Engine;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Reply;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Very many streams on one gateway, of which most only stay open: whether all are taken and stay, what memory they are, and how the others are served meanwhile. */
@Command(name = "many-streams", description = "Very many streams on one gateway.", mixinStandardHelpOptions = true)
final class ManyStreams extends FieldCommand {
    private static final int SIDE = 8;
    private static final double MEBIBYTE = 1 << 20;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final int LOOPS = 2;

    @Option(names = "--connections", paramLabel = "N", description = "Default 1000.")
    private int connections = 1_000;

    @Option(names = "--idle", paramLabel = "N", description = "Streams that only stay open. Default 10000.")
    private int idle = 10_000;

    @Option(names = "--active", paramLabel = "N", description = "Streams that send. Default 500.")
    private int active = 500;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Frames a second, of all active ones together. Default 500.")
    private int rate = 500;

    @Option(names = "--seconds", paramLabel = "N", description = "Of sending. Default 60.")
    private int seconds = 60;

    private final MarkdownTable memory =
            new MarkdownTable("when", "streams", "gateway resident MiB", "heap MiB", "direct buffers MiB");
    private final ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
    private final AtomicLong refused = new AtomicLong();

    public static void main(String[] arguments) {
        run(new ManyStreams(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        Path file = WideModel.split(SIDE, work);
        Bundle bundle = Bundle.open(file);
        EventLoopGroup loops = new NioEventLoopGroup(LOOPS);
        ExecutorService callbacks = Executors.newFixedThreadPool(LOOPS);
        List<ManagedChannel> channels = new ArrayList<>();
        List<FrameClient> streams = new ArrayList<>();
        try (GatewayChild gateway = GatewayChild.start(file.getParent(), work)) {
            look("before", gateway, 0);
            for (int i = 0; i < connections; i++) {
                channels.add(NettyChannelBuilder.forTarget(gateway.address())
                        .usePlaintext()
                        .eventLoopGroup(loops)
                        .channelType(NioSocketChannel.class)
                        .executor(callbacks)
                        .build());
            }
            notes.say(idle + " idle streams on " + connections + " connections");
            for (int i = 0; i < idle; i++) {
                streams.add(FrameClient.open(channels.get(i % connections), bundle.id(), (reply, at) -> {}));
            }
            look("idle streams open", gateway, streams.size());
            List<Sender> senders = new ArrayList<>();
            for (int i = 0; i < active; i++) {
                senders.add(new Sender(channels.get(i % connections), bundle));
            }
            notes.say(active + " active streams, " + rate + " frames a second");
            long sent = send(senders);
            look("after " + sent + " frames", gateway, streams.size() + senders.size());
            senders.forEach(sender -> streams.add(sender.client));
            report(streams, sent);
            streams.forEach(FrameClient::close);
            channels.forEach(ManagedChannel::shutdown);
            Thread.sleep(5_000);
            look("all streams closed", gateway, 0);
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            callbacks.shutdownNow();
        }
        MarkdownPage page = new MarkdownPage(
                "Very many streams",
                engine,
                List.of(
                        "gateway in a process of its own, nothing configured; streams are frames' clients in this process, on "
                                + connections + " connections",
                        active + " of them send " + rate + " frames a second in turn, for " + seconds + " s"));
        page.add("Memory of the gateway, after a collection of garbage:", memory);
        return page;
    }

    /** A stream that sends. */
    private final class Sender {
        private final Map<Long, Long> sent = new ConcurrentHashMap<>();
        private final Frames frames;
        private final FrameClient client;

        Sender(ManagedChannel channel, Bundle bundle) throws Exception {
            frames = Frames.of(bundle, 1, 0);
            client = FrameClient.open(channel, bundle.id(), this::answered);
        }

        void send() {
            Frame frame = frames.next();
            sent.put(frame.getRequestId(), System.nanoTime());
            client.send(frame);
        }

        private void answered(Reply reply, long atNanos) {
            if (reply.hasError()) {
                refused.incrementAndGet();
            } else {
                millis.add((atNanos - sent.remove(reply.getRequestId())) / NANOS_PER_MILLI);
            }
        }
    }

    private long send(List<Sender> senders) throws InterruptedException {
        long begin = System.nanoTime();
        long count = (long) rate * seconds;
        for (long i = 0; i < count; i++) {
            long due = begin + i * TimeUnit.SECONDS.toNanos(1) / rate;
            while (due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            senders.get((int) (i % senders.size())).send();
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (millis.size() + refused.get() < count && System.nanoTime() < until) {
            Thread.sleep(10);
        }
        return count;
    }

    private void look(String when, GatewayChild gateway, int streams) throws Exception {
        ProcessMemory.collect(gateway.processId());
        var metrics = gateway.metrics();
        memory.row(
                when,
                streams,
                ProcessMemory.residentBytes(gateway.processId()) / MEBIBYTE,
                metrics.sum("jvm_memory_used_bytes", "area=\"heap\"") / MEBIBYTE,
                metrics.sum("jvm_buffer_memory_used_bytes", "id=\"direct\"") / MEBIBYTE);
    }

    private void report(List<FrameClient> streams, long sent) {
        long ended = streams.stream().filter(stream -> stream.ended() != null).count();
        verdict(ended == 0, format("%d of %d streams ended while they were to stay open", ended, streams.size()));
        List<Double> all = new ArrayList<>(millis);
        verdict(
                all.size() == sent,
                format(
                        "%d of %d frames answered, %d refused; p50 %.1f ms, p99 %.1f ms, most %.1f ms",
                        all.size(),
                        sent,
                        refused.get(),
                        Statistics.quantile(all, 0.5),
                        Statistics.quantile(all, 0.99),
                        Statistics.quantile(all, 1)));
    }
}
