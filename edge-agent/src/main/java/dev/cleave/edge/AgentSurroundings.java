package dev.cleave.edge;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.EngineUse;
import dev.cleave.edge.identity.GatewayAccess;
import dev.cleave.edge.identity.GatewayAddress;
import dev.cleave.edge.link.GatewayTarget;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.engine.Machine;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all versions of an agent's model share. Owns the channels, unless the application gave them, and a thread of no hurry. Thread-safe.
 */
final class AgentSurroundings {
    private final EdgeAgentBuilder settings;
    private final GatewayAccess access;
    private final Scheduler scheduler;
    private final OpenCalls calls;
    private final LinkEvents linkEvents;
    private final AtomicLong ids = new AtomicLong();
    private final Shadows shadows;
    /** Made here, to be shut down here. */
    private final List<ManagedChannel> owned = new ArrayList<>();

    private List<GatewayTarget> gateways;
    private Machine machine;
    private ExecutorService background;
    private volatile EngineUse engineInUse;

    AgentSurroundings(EdgeAgentBuilder settings, GatewayAccess access, Scheduler scheduler) {
        this.settings = settings;
        this.access = access;
        this.scheduler = scheduler;
        this.calls = new OpenCalls(settings.maxInFlight, settings.maxWaitingInputBytes);
        this.linkEvents = new LinkEvents(settings.listener);
        this.shadows = settings.shadow == null ? null : new Shadows(settings.shadow, scheduler, settings.random);
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

    /** What this runs on. */
    synchronized Machine machine() {
        if (machine == null) {
            machine = Machine.local();
        }
        return machine;
    }

    /** Where heads are loaded that are no hurry, one after another: one thread, there only while there is something to do. */
    synchronized Executor background() {
        if (settings.background != null) {
            return settings.background;
        }
        if (background == null) {
            background = newBackground("cleave-measure");
        }
        return background;
    }

    static ExecutorService newBackground(String name) {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /** Name of the engine that the version loaded last begins with or was found to be fastest with; null if there is none yet. */
    String engineInUse() {
        EngineUse use = engineInUse;
        return use == null || use.engine().isEmpty() ? null : use.engine();
    }

    /** Remembers it for the next version, and tells the application. */
    void engineInUse(EngineUse use) {
        engineInUse = use;
        CallEvents.tell(settings.listener, to -> to.engineInUse(use));
    }

    AgentListener listener() {
        return settings.listener;
    }

    boolean hasGateway() {
        return settings.hasGateway();
    }

    /** In order of preference; their channels are made when they are first asked for. */
    synchronized List<GatewayTarget> gateways() {
        if (gateways == null) {
            gateways = targets();
        }
        return gateways;
    }

    private List<GatewayTarget> targets() {
        List<GatewayTarget> targets = new ArrayList<>();
        for (GatewayAddress gateway : settings.gateways) {
            ManagedChannel channel = access.newChannel(gateway);
            owned.add(channel);
            targets.add(new GatewayTarget(gateway.toString(), channel, access.over(channel)));
        }
        for (ManagedChannel channel : settings.channels) {
            targets.add(new GatewayTarget(nameOf(channel, targets.size()), channel, access.over(channel)));
        }
        return targets;
    }

    /** Channels may well have one authority between them. */
    private String nameOf(ManagedChannel channel, int index) {
        return settings.channels.size() == 1 ? channel.authority() : channel.authority() + "#" + (index + 1);
    }

    synchronized void close() {
        owned.forEach(ManagedChannel::shutdownNow);
        if (background != null) {
            background.shutdown();
        }
    }
}
