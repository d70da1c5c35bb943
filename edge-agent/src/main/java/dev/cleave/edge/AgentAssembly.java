package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.identity.GatewayAccess;
import dev.cleave.edge.identity.GatewayAddress;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.link.ThreadScheduler;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.update.KeptBundles;
import dev.cleave.edge.update.StartingVersions;
import dev.cleave.engine.EngineException;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Puts an agent together from a builder's settings, cheapest checks first, and takes it apart again on failure. */
final class AgentAssembly {
    private static final Logger LOG = Logger.getLogger(AgentAssembly.class.getName());

    private final EdgeAgentBuilder settings;
    private final Bundle own;

    AgentAssembly(EdgeAgentBuilder settings) throws IOException {
        if (settings.bundle == null && settings.bundleFile == null) {
            throw new IllegalArgumentException("no bundle given; expected a bundle");
        }
        this.settings = settings;
        this.own = settings.bundle != null ? settings.bundle : open(settings);
    }

    private static Bundle open(EdgeAgentBuilder settings) throws IOException {
        return settings.bundleKeys == null
                ? Bundle.open(settings.bundleFile)
                : Bundle.open(settings.bundleFile, settings.bundleKeys);
    }

    EdgeAgent assemble() throws IOException, EngineException {
        requireUpdatesPossible();
        KeptBundles kept = settings.updates == null ? null : KeptBundles.open(settings.updates, own, settings.trust);
        Scheduler scheduler = null;
        AgentSurroundings surroundings = null;
        boolean complete = false;
        try {
            StartingVersions versions = kept == null ? StartingVersions.only(own) : kept.startingVersions();
            GatewayAccess access = access();
            scheduler = settings.scheduler != null ? settings.scheduler : new ThreadScheduler("cleave-timer");
            surroundings = new AgentSurroundings(settings, access, scheduler);
            EdgeAgent agent = assemble(surroundings, kept, versions);
            complete = true;
            return agent;
        } finally {
            if (!complete) {
                close(surroundings, scheduler, kept);
            }
        }
    }

    private void requireUpdatesPossible() {
        if (settings.updates == null) {
            return;
        }
        if (!settings.hasGateway()) {
            throw new IllegalArgumentException("updates come from a gateway, and there is none; expected a gateway");
        }
        if (own.isSealed()) {
            throw new IllegalArgumentException(
                    own.file() + " is sealed, and updates would be kept in the clear; expected one of the two");
        }
    }

    /** Each may be null. */
    private static void close(AgentSurroundings surroundings, Scheduler scheduler, KeptBundles kept) {
        if (surroundings != null) {
            surroundings.close();
        }
        if (scheduler != null) {
            scheduler.close();
        }
        if (kept != null) {
            kept.close();
        }
    }

    private EdgeAgent assemble(AgentSurroundings surroundings, KeptBundles kept, StartingVersions versions)
            throws IOException, EngineException {
        ModelAssembly assembly = new ModelAssembly(settings, surroundings);
        ModelInUse first = firstThatLoads(assembly, kept, versions);
        boolean complete = false;
        try {
            if (settings.trust != null && !versions.isOnTrial(first.bundle())) {
                accept(first.bundle());
            }
            ModelVersions models = new ModelVersions(first, surroundings.linkEvents());
            AgentUpdates updates = null;
            if (kept != null) {
                Bundle former = versions.former(first.bundle());
                updates = new AgentUpdates(settings, surroundings, assembly, models, kept, former);
            }
            EdgeAgent agent = new EdgeAgent(models, surroundings, settings.deadline, overflow(), updates);
            first.start();
            if (updates != null) {
                updates.start();
            }
            complete = true;
            return agent;
        } finally {
            if (!complete) {
                first.close();
            }
        }
    }

    private void accept(Bundle first) throws IOException {
        try {
            settings.trust.accepted(first);
        } catch (IOException e) {
            if (first == own) {
                throw e;
            }
            LOG.log(Level.WARNING, "that release {0} is in use is not remembered: {1}", new Object[] {
                first.signature().release(), e.getMessage()
            });
        }
    }

    /** The last has to load. */
    private static ModelInUse firstThatLoads(ModelAssembly assembly, KeptBundles kept, StartingVersions versions)
            throws IOException, EngineException {
        for (Bundle version : versions.dispensable()) {
            try {
                kept.begins(version);
                return assembly.load(version);
            } catch (EngineException | RuntimeException | LinkageError e) {
                kept.doesNotServe(version.id(), e.getMessage());
            } catch (IOException | OutOfMemoryError e) {
                LOG.log(Level.WARNING, "version {0} that was fetched is passed over this time: {1}", new Object[] {
                    version.id(), e.getMessage()
                });
            }
        }
        return assembly.load(versions.last());
    }

    private GatewayAccess access() throws IOException {
        GatewayAccess access = new GatewayAccess(settings.tls, settings.token);
        for (GatewayAddress gateway : settings.gateways) {
            access.requireSafe(gateway.host());
        }
        return access;
    }

    /** Whoever fixed the point does not want another one for a moment's lack of credit. */
    private Overflow overflow() {
        Overflow unasked = settings.split.isAuto() ? Overflow.LOCAL : Overflow.WAIT;
        return settings.overflow == null ? unasked : settings.overflow;
    }
}
