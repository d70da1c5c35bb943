package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.identity.GatewayAccess;
import dev.cleave.edge.identity.GatewayAddress;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.link.ThreadScheduler;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.update.KeptBundles;
import dev.cleave.engine.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Puts an agent together from a builder's settings, cheapest checks first, and takes it apart again on failure. */
final class AgentAssembly {
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
        if (settings.updates != null && !settings.hasGateway()) {
            throw new IllegalArgumentException("updates come from a gateway, and there is none; expected a gateway");
        }
        KeptBundles kept = settings.updates == null ? null : KeptBundles.open(settings.updates, own, settings.trust);
        Scheduler scheduler = null;
        AgentSurroundings surroundings = null;
        try {
            List<Bundle> versions = versions(kept);
            if (versions.size() == 1) {
                requireTrusted(own);
            }
            GatewayAccess access = access();
            scheduler = settings.scheduler != null ? settings.scheduler : new ThreadScheduler("cleave-timer");
            surroundings = new AgentSurroundings(settings, access, scheduler);
            return assemble(surroundings, kept, versions);
        } catch (IOException | EngineException | RuntimeException | LinkageError e) {
            if (surroundings != null) {
                surroundings.closeChannels();
            }
            if (scheduler != null) {
                scheduler.close();
            }
            if (kept != null) {
                kept.close();
            }
            throw e;
        }
    }

    /** The newest first; the application's own last. */
    private List<Bundle> versions(KeptBundles kept) throws IOException {
        List<Bundle> versions = new ArrayList<>(kept == null ? Collections.emptyList() : kept.newerThanOwn());
        versions.add(own);
        return versions;
    }

    private void requireTrusted(Bundle bundle) throws IOException {
        if (settings.trust != null) {
            settings.trust.check(bundle);
        }
    }

    private EdgeAgent assemble(AgentSurroundings surroundings, KeptBundles kept, List<Bundle> versions)
            throws IOException, EngineException {
        ModelAssembly assembly = new ModelAssembly(settings, surroundings);
        ModelInUse first = firstThatLoads(assembly, kept, versions);
        try {
            boolean onTrial = kept != null && kept.isOnTrial(first.bundle());
            if (settings.trust != null && !onTrial) {
                settings.trust.accepted(first.bundle());
            }
            ModelVersions models = new ModelVersions(first, surroundings.linkEvents());
            AgentUpdates updates = null;
            if (kept != null) {
                Bundle former = onTrial ? versions.get(versions.indexOf(first.bundle()) + 1) : null;
                updates = new AgentUpdates(settings, surroundings, assembly, models, kept, former);
            }
            EdgeAgent agent = new EdgeAgent(models, surroundings, settings.deadline, overflow(), updates);
            first.start();
            if (updates != null) {
                updates.start();
            }
            return agent;
        } catch (IOException | RuntimeException | LinkageError e) {
            first.close();
            throw e;
        }
    }

    /** A version that was fetched and does not load is passed over; the application's own has to. */
    private ModelInUse firstThatLoads(ModelAssembly assembly, KeptBundles kept, List<Bundle> versions)
            throws IOException, EngineException {
        for (Bundle version : versions.subList(0, versions.size() - 1)) {
            try {
                kept.begins(version);
                return assembly.load(version);
            } catch (EngineException | IllegalArgumentException | LinkageError e) {
                kept.doesNotServe(version.id(), e.getMessage());
            }
        }
        requireTrusted(own);
        return assembly.load(own);
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
