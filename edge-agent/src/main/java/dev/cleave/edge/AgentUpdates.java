package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.update.BundleHost;
import dev.cleave.edge.update.BundleUpdater;
import dev.cleave.edge.update.KeptBundles;
import dev.cleave.edge.update.RequestSample;
import dev.cleave.engine.EngineException;
import io.grpc.Channel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Lets updates change the version in use, and tells them how requests end. Thread-safe. */
final class AgentUpdates implements BundleHost, AutoCloseable {
    private static final long LONGEST_LINKING_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final ModelAssembly assembly;
    private final ModelVersions versions;
    private final BundleUpdater updater;

    /**
     * @param kept owned by this from now on
     * @param former the version to return to if the current one is on trial still, or null
     */
    AgentUpdates(
            EdgeAgentBuilder settings,
            AgentSurroundings surroundings,
            ModelAssembly assembly,
            ModelVersions versions,
            KeptBundles kept,
            Bundle former) {
        this.assembly = assembly;
        this.versions = versions;
        this.updater = new BundleUpdater(
                settings.updates,
                kept,
                versions.current().bundle(),
                former,
                this,
                () -> callsTo(versions.current(), surroundings),
                surroundings.scheduler(),
                settings.random,
                settings.listener,
                settings.updateExecutor != null
                        ? settings.updateExecutor
                        : AgentSurroundings.newBackground("cleave-update"));
        surroundings.linkEvents().watch(updater::linkChanged);
    }

    /** To the gateway in use. */
    private static Channel callsTo(ModelInUse model, AgentSurroundings surroundings) {
        GatewayLink link = model.parts().link();
        return link == null ? surroundings.gateways().get(0).calls() : link.calls();
    }

    void start() {
        updater.start();
    }

    @Override
    public void use(Bundle bundle, Runnable inUse) throws IOException, EngineException {
        ModelInUse next = started(bundle);
        if (next == null) {
            return;
        }
        if (next.parts().link() == null || !isLinked()) {
            use(next, inUse);
        } else {
            new Linking(next, inUse).begin();
        }
    }

    @Override
    public void useAtOnce(Bundle bundle, Runnable inUse) throws IOException, EngineException {
        ModelInUse next = started(bundle);
        if (next != null) {
            use(next, inUse);
        }
    }

    /** Null if the agent is closed. */
    private ModelInUse started(Bundle bundle) throws IOException, EngineException {
        ModelInUse next = assembly.load(bundle);
        if (!versions.add(next)) {
            next.close();
            return null;
        }
        next.start();
        return next;
    }

    private void use(ModelInUse next, Runnable inUse) {
        versions.use(next);
        inUse.run();
    }

    /**
     * Waits for the new version's stream while the version before has one, so that requests need not: until it is open, there is word
     * that none is to be had, or it takes too long. Thread-safe.
     */
    private final class Linking implements GatewayLink.Waiter {
        private final ModelInUse next;
        private final Runnable inUse;
        private final AtomicBoolean ended = new AtomicBoolean();

        Linking(ModelInUse next, Runnable inUse) {
            this.next = next;
            this.inUse = inUse;
        }

        void begin() {
            Scheduler scheduler = next.parts().scheduler();
            scheduler.schedule(this::end, scheduler.nanoTime() + LONGEST_LINKING_NANOS);
            next.parts().link().whenOpen(this);
        }

        @Override
        public boolean isPatient() {
            return false;
        }

        @Override
        public void opened(GatewayStream stream) {
            end();
        }

        @Override
        public void unavailable(LinkFailure failure) {
            end();
        }

        private void end() {
            if (ended.compareAndSet(false, true)) {
                next.parts().link().forget(this);
                use(next, inUse);
            }
        }
    }

    @Override
    public boolean isLinked() {
        return versions.current().isLinked();
    }

    @Override
    public boolean isStranded() {
        ModelInUse current = versions.current();
        return !current.isLinked() && !current.parts().head().reachesLocal();
    }

    /**
     * A request of a version ended.
     *
     * @param linked whether there was a gateway when it began
     * @param result null if it failed
     */
    void ended(ModelInUse model, boolean linked, long nanos, InferenceResult result, Throwable failure) {
        if (result != null) {
            Fallback fallback = result.fallback();
            boolean failed = fallback != null && fallback.cause() == Fallback.Cause.GATEWAY_ERROR;
            updater.requestEnded(model.bundle().id(), new RequestSample(linked, failed, nanos));
        } else if (isVersionsFault(model, linked, failure)) {
            updater.requestEnded(model.bundle().id(), new RequestSample(linked, true, nanos));
        }
    }

    /** A request did not begin. It is the version's fault if no gateway serves a point of it, and the device cannot do without. */
    void turnedAway(ModelInUse model, Throwable why) {
        if (why instanceof InferenceException
                && ((InferenceException) why).reason() == InferenceException.Reason.UNAVAILABLE) {
            updater.requestEnded(model.bundle().id(), new RequestSample(model.isLinked(), true, 0));
        }
    }

    /** Not the network's, nor the caller's. */
    private static boolean isVersionsFault(ModelInUse model, boolean linked, Throwable failure) {
        if (!(failure instanceof InferenceException)) {
            return false;
        }
        switch (((InferenceException) failure).reason()) {
            case EXECUTION:
                return true;
            case DEADLINE:
                return model.parts().head().reachesLocal() || linked && model.isLinked();
            default:
                return false;
        }
    }

    @Override
    public void close() {
        updater.close();
    }
}
