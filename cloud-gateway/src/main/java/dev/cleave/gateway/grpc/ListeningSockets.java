package dev.cleave.gateway.grpc;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** What a gRPC port listens and reads with: channels that bound their connections, and the threads of the transport, which it owns. */
final class ListeningSockets implements AutoCloseable {
    private static final long QUIET_MILLIS = 0;
    private static final long END_MILLIS = 1_000;

    private final ConnectionBound bound;
    private final NioEventLoopGroup listening =
            new NioEventLoopGroup(1, new DefaultThreadFactory("cleave-accept", true));
    private final NioEventLoopGroup reading = new NioEventLoopGroup(0, new DefaultThreadFactory("cleave-net", true));

    ListeningSockets(ConnectionBound bound) {
        this.bound = bound;
    }

    /** Has a server use them; close this after the server has ended. */
    NettyServerBuilder applyTo(NettyServerBuilder builder) {
        ChannelFactory<ServerChannel> channels = () -> {
            NioServerSocketChannel channel = new NioServerSocketChannel();
            channel.pipeline().addLast(bound);
            return channel;
        };
        return builder.bossEventLoopGroup(listening)
                .workerEventLoopGroup(reading)
                .channelFactory(channels);
    }

    @Override
    public void close() {
        listening.shutdownGracefully(QUIET_MILLIS, END_MILLIS, TimeUnit.MILLISECONDS);
        reading.shutdownGracefully(QUIET_MILLIS, END_MILLIS, TimeUnit.MILLISECONDS);
    }
}
