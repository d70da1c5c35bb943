package dev.cleave.gateway.grpc;

import dev.cleave.gateway.config.Patience;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after every call of the gRPC port, whatever the service, so that no caller can make the gateway wait for him without
 * end or hold as much as he likes. gRPC itself bounds one message and answers pings; the rest is here:
 *
 * <pre>
 *   a request that is one message   whole in {@link Limits#arrival} of the call's start
 *   any message                     whole in {@link Limits#arrival} of its length
 *   messages that are not whole     {@link Limits#incomingBytes}, of all calls together
 *   what is sent to the caller      taken within {@link Limits#taking}: he reads a little at least, or has the end
 *   a message that is none          named in the call's status, and nothing in the log
 * </pre>
 *
 * The first, second, third and last end with a status that says so; a caller who takes nothing is told nothing, his stream is
 * reset. Owns what it knows of the calls. Thread-safe; time comes from a clock and from {@link #sweep}. A message that comes at once is watched without a lock or an atomic operation, one that goes
 * out with one.
 */
public final class CallWatch extends ServerStreamTracer.Factory implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(CallWatch.class);

    static final Context.Key<WatchedCall> CALL = Context.key("cleave-watched-call");

    private final Limits limits;
    private final LongSupplier clock;
    private final Set<WatchedCall> calls = ConcurrentHashMap.newKeySet();
    private final IncomingBytes incoming;
    /** Full names of the methods whose requests are streams of messages. */
    private volatile Set<String> ofManyMessages = Set.of();

    /**
     * @param arrival how long a message may take to come whole
     * @param taking time in which a caller must have taken something of what is there for him
     * @param incomingBytes of messages that are not whole, all calls together
     */
    public record Limits(Patience arrival, Duration taking, long incomingBytes) {}

    /** @param clock nanoseconds; of it and of {@link #sweep} alone does time come */
    public CallWatch(Limits limits, LongSupplier clock) {
        this.limits = limits;
        this.clock = clock;
        this.incoming = new IncomingBytes(limits.incomingBytes());
    }

    /**
     * Has a server's calls looked after. To be called after all other interceptors were added.
     *
     * @param methods full names of those whose requests are streams of messages
     */
    void install(ServerBuilder<?> server, Set<String> methods) {
        ofManyMessages = Set.copyOf(methods);
        server.addStreamTracerFactory(this);
        server.intercept(this); // The last that is added is the first that is called.
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        WatchedCall call = new WatchedCall(this, ofManyMessages.contains(fullMethodName), clock.getAsLong());
        calls.add(call);
        return call;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        WatchedCall watched = CALL.get();
        return watched == null ? next.startCall(call, headers) : watched.start(call, headers, next);
    }

    /** Ends what has waited for its caller for too long; to be called by a timer. Never throws. */
    public void sweep() {
        long now = clock.getAsLong();
        for (WatchedCall call : calls) {
            try {
                call.sweep(now);
            } catch (RuntimeException e) {
                LOG.error("a call could not be ended", e); // The others are to be all the same.
            }
        }
    }

    /** What has come of messages that are not whole, with what it costs to keep it. */
    public long incomingBytes() {
        return incoming.total();
    }

    /** Calls that are not over. */
    int openCalls() {
        return calls.size();
    }

    Limits limits() {
        return limits;
    }

    long nanoTime() {
        return clock.getAsLong();
    }

    IncomingBytes incoming() {
        return incoming;
    }

    void over(WatchedCall call) {
        calls.remove(call);
    }
}
