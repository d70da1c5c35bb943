package dev.cleave.gateway.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
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
 * transport where its library can be loaded (Linux on x86_64 and aarch64): it costs fewer instructions for each message than the
 * JDK's selector.
 */
final class TransportThreads implements AutoCloseable {
    private static final Context.Key<TransportThreads> OF_CALL = Context.key("cleave-transport");
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

    /** Those of the server that the call under way came by; null where it came by another transport. */
    static TransportThreads ofCall() {
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
                .intercept(new ServerInterceptor() {
                    @Override
                    public <Q, R> ServerCall.Listener<Q> interceptCall(
                            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                        Context context = Context.current().withValue(OF_CALL, TransportThreads.this);
                        return Contexts.interceptCall(context, call, headers, next);
                    }
                });
    }

    /** The calling thread, if it is one of these; else null. */
    Executor current() {
        for (EventExecutor each : connections) {
            if (each.inEventLoop()) {
                return each;
            }
        }
        return null;
    }

    @Override
    public void close() {
        connections.shutdownGracefully(QUIET_MILLIS, END_MILLIS, TimeUnit.MILLISECONDS);
        acceptor.shutdownGracefully(QUIET_MILLIS, END_MILLIS, TimeUnit.MILLISECONDS);
    }
}
