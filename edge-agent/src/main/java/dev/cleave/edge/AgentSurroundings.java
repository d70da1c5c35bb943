package dev.cleave.edge;

import dev.cleave.edge.identity.GatewayAccess;
import dev.cleave.edge.link.Scheduler;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all versions of an agent's model share. Owns the channel, unless the application gave one. Thread-safe.
 */
final class AgentSurroundings {
    private final EdgeAgentBuilder settings;
    private final GatewayAccess access;
    private final Scheduler scheduler;
    private final OpenCalls calls;
    private final LinkEvents linkEvents;
    private final AtomicLong ids = new AtomicLong();
    private final Shadows shadows;
    private ManagedChannel channel;

    AgentSurroundings(EdgeAgentBuilder settings, GatewayAccess access, Scheduler scheduler) {
        this.settings = settings;
        this.access = access;
        this.scheduler = scheduler;
        this.calls = new OpenCalls(settings.maxInFlight);
        this.linkEvents = new LinkEvents(settings.listener);
        this.shadows = settings.shadow == null ? null : new Shadows(settings.shadow, scheduler, settings.random);
        this.channel = settings.channel;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    OpenCalls calls() {
        return calls;
    }

    /** Ids of requests. */
    AtomicLong ids() {
        return ids;
    }

    /** Null if no answer is compared with a second run's. */
    Shadows shadows() {
        return shadows;
    }

    LinkEvents linkEvents() {
        return linkEvents;
    }

    boolean hasGateway() {
        return settings.hasGateway();
    }

    /** To the gateway; made when it is first asked for. */
    synchronized ManagedChannel channel() {
        if (channel == null) {
            channel = access.newChannel(settings.gatewayHost, settings.gatewayPort);
        }
        return channel;
    }

    /** The same, with a token on each call. */
    Channel channelForCalls() {
        return access.over(channel());
    }

    synchronized void closeChannel() {
        if (channel != null && settings.channel == null) {
            channel.shutdownNow();
        }
    }
}
