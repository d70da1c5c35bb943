package dev.cleave.gateway.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that the gRPC server reads and writes with; each connection belongs to one of them. Owns them. They use netty's epoll
 * transport where its library can be loaded (Linux on x86_64 and aarch64), and the JDK's selector elsewhere.
 *
 * <p>A call knows the thread of its connection: each of these threads knows itself from its first task on, a connection is told as soon as it is ready, which happens on its own thread, and its calls have
 * it of the connection.
 */
final class TransportThreads implements AutoCloseable {
    private static final ThreadLocal<Executor> HERE = new ThreadLocal<>();
    private static final Attributes.Key<Executor> OF_CONNECTION = Attributes.Key.create("cleave-connection-thread");
    private static final Context.Key<Executor> OF_CALL = Context.key("cleave-connection-thread");
    private static final long QUIET_MILLIS = 0;
    private static final long END_MILLIS = 2_000;

    private final EventLoopGroup acceptor = threads(1, "cleave-accept");
    private final EventLoopGroup connections = threads(0, "cleave-net");

    /** @param count 0: netty's choice, twice the cores */
    private static EventLoopGroup threads(int count, String name) {
        DefaultThreadFactory factory = new DefaultThreadFactory(name, true);
        return Epoll.isAvailable() ? new EpollEventLoopGroup(count, factory) : new NioEventLoopGroup(count, factory);
    }

    private static ServerChannel channel() {
        return Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    }

    TransportThreads() {
        for (EventExecutor each : connections) {
            each.execute(() -> HERE.set(each));
        }
    }

    /** The thread of the connection that the call under way came by; null where it came by another transport. */
    static Executor ofCall() {
        return OF_CALL.get();
    }

    /** @param bound stands before every connection that is made */
    void serve(NettyServerBuilder builder, ConnectionBound bound) {
        ChannelFactory<ServerChannel> channels = () -> {
            ServerChannel channel = channel();
            channel.pipeline().addLast(bound);
            return channel;
        };
        builder.bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(connections)
                .channelFactory(channels)
                .addTransportFilter(new Connections())
                .intercept(new Calls());
    }

    /** Tells connections. */
    private static final class Connections extends ServerTransportFilter {
        @Override
        public Attributes transportReady(Attributes connection) {
            Executor here = HERE.get();
            return here == null
                    ? connection
                    : connection.toBuilder().set(OF_CONNECTION, here).build();
        }
    }

    /** Tells calls. */
    private static final class Calls implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            Executor connection = call.getAttributes().get(OF_CONNECTION);
            return connection == null
                    ? next.startCall(call, headers)
                    : Contexts.interceptCall(Context.current().withValue(OF_CALL, connection), call, headers, next);
        }
    }

    @Override
    public void close() {
        connections.shutdownGracefully(QUIET_MILLIS, END_MILLIS, TimeUnit.MILLISECONDS);
        acceptor.shutdownGracefully(QUIET_MILLIS, END_MILLIS, TimeUnit.MILLISECONDS);
    }
}
