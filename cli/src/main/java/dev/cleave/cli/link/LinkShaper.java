package dev.cleave.cli.link;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP relay that behaves like a link of given rates and round-trip time, and that can break on demand.
 *
 * <p>All connections share the two directions' rates, turn by turn. The relay's own socket buffers are small and it
 * stops reading while a direction's queue is full, so that a sender meets the link and not the kernel's memory. One
 * thread owns every socket and both {@link LinkClock}s; the methods here may be called from any other thread and return
 * when their effect is complete.
 */
public final class LinkShaper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkShaper.class);

    private static final int SOCKET_BUFFER_BYTES = 32 * 1024;
    private static final int SCRATCH_BYTES = 64 * 1024;
    private static final int BACKLOG = 256;
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final InetSocketAddress target;
    private final Selector selector;
    private final ServerSocketChannel listener;
    private final int port;
    private final LoopCommands commands;
    private final AtomicLong deliveredUp = new AtomicLong();
    private final AtomicLong deliveredDown = new AtomicLong();

    // Owned by the loop.
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
    private final List<Relay> relays = new ArrayList<>();
    private final LinkClock up;
    private final LinkClock down;
    private LinkRates rates;
    private LinkState state = LinkState.UP;
    private List<LinkTrace.Step> trace = List.of();
    private long traceStartNanos;
    private boolean closed;

    private LinkShaper(InetSocketAddress listen, InetSocketAddress target, LinkRates rates) throws IOException {
        this.target = target;
        this.rates = rates;
        long now = System.nanoTime();
        up = new LinkClock(rates.uplink(), rates.rtt(), now);
        down = new LinkClock(rates.downlink(), rates.rtt(), now);
        selector = Selector.open();
        listener = ServerSocketChannel.open();
        commands = new LoopCommands(selector::wakeup);
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
            listener.bind(listen, BACKLOG);
            listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
            port = listener.socket().getLocalPort();
        } catch (IOException refused) {
            closeListener();
            throw refused;
        }
    }

    /**
     * Starts relaying.
     *
     * @param listen where to listen; port 0 takes a free one, see {@link #port()}
     * @param target where to connect, resolved
     * @throws IOException if the port cannot be taken
     */
    public static LinkShaper start(InetSocketAddress listen, InetSocketAddress target, LinkRates rates)
            throws IOException {
        LinkShaper shaper = new LinkShaper(listen, target, rates);
        Thread loop = new Thread(shaper::run, "link-shaper-" + shaper.port);
        loop.setDaemon(true);
        loop.start();
        return shaper;
    }

    /** {@link #start} on a free port of the loopback interface, towards another of its ports. */
    public static LinkShaper startLocal(int targetPort, LinkRates rates) throws IOException {
        return start(new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.1", targetPort), rates);
    }

    /** The port it listens on. */
    public int port() {
        return port;
    }

    /** Bytes delivered to the target so far. */
    public long bytesUp() {
        return deliveredUp.get();
    }

    /** Bytes delivered back so far. */
    public long bytesDown() {
        return deliveredDown.get();
    }

    /** Changes the link for what is sent from now on. */
    public void setRates(LinkRates changed) {
        commands.submit(() -> applyRates(changed));
    }

    /** Resets every connection, and each new one as soon as it is made, until {@link #restore}. */
    public void cut() {
        commands.submit(() -> applyState(LinkState.DOWN));
    }

    /** Lets nothing through and keeps the connections, or lets them go on with nothing lost. */
    public void blackHole(boolean on) {
        commands.submit(() -> applyState(on ? LinkState.BLACKHOLE : LinkState.UP));
    }

    /** Ends {@link #cut} and {@link #blackHole}. */
    public void restore() {
        commands.submit(() -> applyState(LinkState.UP));
    }

    /** Plays a trace from now on, in place of the one that played before. */
    public void play(LinkTrace changes) {
        commands.submit(() -> {
            trace = changes.steps();
            traceStartNanos = System.nanoTime();
        });
    }

    /** Closes the port and resets every connection. */
    @Override
    public void close() {
        commands.submit(() -> {
            closed = true;
            relays.forEach(Relay::reset);
            closeListener();
        });
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } catch (IOException | RuntimeException failure) {
            LOG.error("link shaper on port {} failed: {}", port, failure.getMessage(), failure);
        } finally {
            relays.forEach(Relay::reset);
            closeListener();
            commands.end();
        }
    }

    /** One turn of the loop: what is due now, then wait for what comes next. */
    private void turn() throws IOException {
        commands.runAll();
        if (closed) {
            return;
        }
        long nowNanos = System.nanoTime();
        while (!trace.isEmpty() && nanosUntilTraceStep(nowNanos) <= 0) {
            apply(trace.get(0));
            trace = trace.subList(1, trace.size());
        }
        if (state == LinkState.UP) {
            deliver(nowNanos);
            readInTurns(nowNanos);
        }
        await(nanosUntilNext(System.nanoTime()));
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
            handle(ready.next());
            ready.remove();
        }
    }

    private void deliver(long nowNanos) {
        for (Relay relay : List.copyOf(relays)) {
            attempt(relay, () -> {
                relay.up().deliver(nowNanos);
                relay.down().deliver(nowNanos);
            });
        }
    }

    /** Lets each connection in turn put a quantum on the line, as long as there is room; the first is last next time. */
    private void readInTurns(long nowNanos) {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Relay relay : List.copyOf(relays)) {
                for (Flow flow : List.of(relay.up(), relay.down())) {
                    if (relay.isOpen() && flow.canUseLine(nowNanos)) {
                        attempt(relay, () -> flow.read(scratch, nowNanos));
                        moved = true;
                    }
                }
            }
            if (moved && relays.size() > 1) {
                relays.add(relays.remove(0));
            }
        }
    }

    private interface RelayAction {
        void run() throws IOException;
    }

    /** Does something with a connection, and lets go of it when it is finished or broken. */
    private void attempt(Relay relay, RelayAction action) {
        try {
            action.run();
            if (relay.isFinished()) {
                relay.close();
                relays.remove(relay);
            } else {
                relay.updateInterest();
            }
        } catch (IOException broken) {
            relay.reset();
            relays.remove(relay);
        }
    }

    private long nanosUntilNext(long nowNanos) {
        long wait = trace.isEmpty() ? Long.MAX_VALUE : nanosUntilTraceStep(nowNanos);
        if (state == LinkState.UP) {
            for (Relay relay : relays) {
                long next = Math.min(
                        relay.up().nanosUntilNext(nowNanos), relay.down().nanosUntilNext(nowNanos));
                wait = Math.min(wait, next);
            }
        }
        return wait;
    }

    private long nanosUntilTraceStep(long nowNanos) {
        return traceStartNanos + trace.get(0).atNanos() - nowNanos;
    }

    /** The selector counts in milliseconds; the last one or two are slept in naps between looks at it. */
    private void await(long nanos) throws IOException {
        if (nanos == Long.MAX_VALUE) {
            selector.select();
        } else if (nanos >= 2 * NANOS_PER_MILLI) {
            selector.select(nanos / NANOS_PER_MILLI - 1);
        } else if (selector.selectNow() == 0 && nanos > 0) {
            LockSupport.parkNanos(Math.min(nanos, NAP_NANOS));
        }
    }

    private void handle(SelectionKey key) throws IOException {
        if (!key.isValid()) {
            return;
        }
        if (key.isAcceptable()) {
            accept();
        } else {
            Relay relay = (Relay) key.attachment();
            attempt(relay, () -> relay.ready(key));
        }
    }

    private void accept() throws IOException {
        SocketChannel client = listener.accept();
        if (client == null) {
            return;
        }
        if (state == LinkState.DOWN) {
            Relay.reset(client);
            return;
        }
        SocketChannel onward = SocketChannel.open();
        try {
            prepare(client);
            prepare(onward);
            onward.connect(target);
            Flow there = new Flow(client, onward, up, deliveredUp);
            Flow back = new Flow(onward, client, down, deliveredDown);
            relays.add(new Relay(client, onward, there, back, selector));
        } catch (IOException refused) {
            LOG.info("no connection to {}: {}", target, refused.getMessage());
            Relay.reset(client);
            Relay.reset(onward);
        }
    }

    private static void prepare(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
    }

    private void apply(LinkTrace.Step step) {
        applyRates(step.applyTo(rates));
        if (step.state() != null) {
            applyState(step.state());
        }
        LOG.info("link is {}, {}", state, rates);
    }

    private void applyRates(LinkRates changed) {
        rates = changed;
        up.set(changed.uplink(), changed.rtt());
        down.set(changed.downlink(), changed.rtt());
    }

    private void applyState(LinkState changed) {
        state = changed;
        if (state == LinkState.DOWN) {
            relays.forEach(Relay::reset);
            relays.clear();
        }
    }

    private void closeListener() {
        try {
            listener.close();
            selector.close();
        } catch (IOException alreadyBroken) {
            LOG.debug("closing the listener of port {}", port, alreadyBroken);
        }
    }
}
