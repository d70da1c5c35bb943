package dev.cleave.gateway.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections a port has open at a time. Stands before the transport in the listening channel, whose messages are the connections: one too many is
 * closed before a byte of it is read, so that whoever made it can go elsewhere at once. Thread-safe.
 */
@ChannelHandler.Sharable
final class ConnectionBound extends ChannelInboundHandlerAdapter {
    private final int most;
    private final Runnable refused;
    private final AtomicInteger open = new AtomicInteger();

    /** @param refused told of every connection that was closed */
    ConnectionBound(int most, Runnable refused) {
        this.most = most;
        this.refused = refused;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel connection = (Channel) message;
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            refused.run();
            connection.unsafe().closeForcibly();
            return;
        }
        connection.closeFuture().addListener(closed -> open.decrementAndGet());
        context.fireChannelRead(message);
    }

    int open() {
        return open.get();
    }
}
