package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.PlanTable;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.head.HeadRunner;
import dev.cleave.edge.identity.GatewayAccess;
import dev.cleave.edge.identity.GatewayAddress;
import dev.cleave.edge.link.Connection;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayTarget;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.LinkListener;
import dev.cleave.edge.link.LinkSettings;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.link.ThreadScheduler;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.CostTable;
import dev.cleave.edge.policy.FixedSplit;
import dev.cleave.edge.policy.KnownCosts;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.policy.PlanPolicy;
import dev.cleave.edge.policy.SplitPolicy;
import dev.cleave.edge.report.FieldReport;
import dev.cleave.edge.report.Reporter;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureCodecs;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Puts an agent together from a builder's settings, cheapest checks first, and takes it apart again on failure. */
final class AgentAssembly {
    private static final double NANOS_PER_MILLI = 1e6;

    private final EdgeAgentBuilder settings;
    private final Bundle bundle;
    private final Contract contract;

    AgentAssembly(EdgeAgentBuilder settings) throws IOException {
        if (settings.bundle == null && settings.bundleFile == null) {
            throw new IllegalArgumentException("no bundle given; expected a bundle");
        }
        this.settings = settings;
        this.bundle = settings.bundle != null ? settings.bundle : open(settings);
        if (settings.trust != null) {
            settings.trust.check(bundle);
        }
        this.contract = bundle.contract();
    }

    private static Bundle open(EdgeAgentBuilder settings) throws IOException {
        return settings.bundleKeys == null
                ? Bundle.open(settings.bundleFile)
                : Bundle.open(settings.bundleFile, settings.bundleKeys);
    }

    EdgeAgent assemble() throws IOException, EngineException {
        requirePossible(HeadRunner.through(bundle));
        WireCodecs codecs = new WireCodecs(contract, settings.quality, pictureCodec(), settings.jpegQuality);
        GatewayAccess access = access();
        Scheduler scheduler = settings.scheduler != null ? settings.scheduler : new ThreadScheduler("cleave-timer");
        HeadRunner head = null;
        try {
            head = loadHead(scheduler);
            if (settings.trust != null) {
                settings.trust.accepted(bundle);
            }
            return connect(codecs, access, scheduler, head);
        } catch (IOException | EngineException | RuntimeException | LinkageError e) {
            scheduler.close();
            if (head != null) {
                head.close();
            }
            throw e;
        }
    }

    private PictureCodec pictureCodec() {
        if (settings.jpegQuality == 0) {
            return null;
        }
        PictureCodec found = PictureCodecs.find();
        if (found == null) {
            throw new IllegalArgumentException("JPEG quality " + settings.jpegQuality
                    + " asked for, but there is no picture codec on the class path; expected one");
        }
        return found;
    }

    private HeadRunner loadHead(Scheduler scheduler) throws IOException, EngineException {
        boolean owned = settings.engine == null;
        return HeadRunner.load(
                bundle,
                owned ? Engines.create(null) : settings.engine,
                owned,
                settings.sessionOptions,
                scheduler::nanoTime);
    }

    /** Refuses a split that this bundle, this view of it or the lack of a gateway rules out. */
    private void requirePossible(int through) {
        int local = contract.local();
        int point = settings.split.point(local);
        if (settings.split.isAuto()) {
            requireGatewayOr(
                    through == local,
                    "split auto needs a gateway, for this view of the bundle ends at point " + through + " of "
                            + local);
        } else if (point > local) {
            throw new IllegalArgumentException(
                    "split point " + point + " does not exist in the bundle; expected 0 to " + local);
        } else if (point > through) {
            throw new IllegalArgumentException((point == local ? "LOCAL" : "split point " + point)
                    + " is not available: this view of the bundle ends at point " + through + " of " + local);
        } else if (point < contract.privacyFloor()) {
            throw new IllegalArgumentException("split point " + point
                    + " is before the bundle's privacy floor; expected " + contract.privacyFloor() + " or later");
        } else {
            requireGatewayOr(point == local, "split point " + point + " needs a gateway");
        }
    }

    private void requireGatewayOr(boolean local, String need) {
        if (!local && !hasGateway()) {
            throw new IllegalArgumentException(need + "; expected a gateway or a channel");
        }
    }

    private boolean hasGateway() {
        return !settings.channels.isEmpty() || !settings.gateways.isEmpty();
    }

    private SplitPolicy policy(KnownCosts costs, WireCodecs codecs) {
        int local = contract.local();
        if (!settings.split.isAuto()) {
            int point = settings.split.point(local);
            int level = point == local ? 0 : codecs.level(point);
            return new FixedSplit(new Choice(point, level, Choice.UNKNOWN, "split " + settings.split + " is fixed"));
        }
        int[] fixedLevels = settings.quality == null ? null : new int[local];
        for (int point = 0; fixedLevels != null && point < local; point++) {
            fixedLevels[point] = codecs.level(point);
        }
        return new PlanPolicy(costs, settings.objective, fixedLevels);
    }

    private EdgeAgent connect(WireCodecs codecs, GatewayAccess access, Scheduler scheduler, HeadRunner head) {
        boolean needsLink = hasGateway() && !isFixedLocal();
        List<ManagedChannel> owned = new ArrayList<>();
        GatewayLink link = needsLink ? link(access, scheduler, owned) : null;
        FieldReport report = link == null || settings.reports.isZero() ? null : new FieldReport();
        KnownCosts costs = new KnownCosts(CostTable.of(contract, bundle.manifest()));
        AgentParts parts = new AgentParts(
                contract,
                head,
                link,
                codecs,
                costs,
                scheduler,
                report == null ? settings.listener : settings.listener.and(report),
                settings.split.isAuto(),
                settings.localFallback,
                new AtomicLong(),
                new OpenCalls(settings.maxInFlight));
        EdgeAgent agent = new EdgeAgent(
                bundle.id(),
                parts,
                policy(costs, codecs),
                new InputCheck(contract, settings.checkFinite),
                settings.deadline,
                overflow(),
                () -> owned.forEach(ManagedChannel::shutdownNow));
        if (link != null) {
            link.start();
        }
        if (report != null) {
            long every = settings.reports.toNanos();
            new Reporter(report, link::report, settings.networkClass, scheduler, every).start();
        }
        return agent;
    }

    /** Whoever fixed the point does not want another one for a moment's lack of credit. */
    private Overflow overflow() {
        Overflow unasked = settings.split.isAuto() ? Overflow.LOCAL : Overflow.WAIT;
        return settings.overflow == null ? unasked : settings.overflow;
    }

    private boolean isFixedLocal() {
        return !settings.split.isAuto() && settings.split.point(contract.local()) == contract.local();
    }

    private GatewayAccess access() throws IOException {
        GatewayAccess access = new GatewayAccess(settings.tls, settings.token);
        for (GatewayAddress gateway : settings.gateways) {
            access.requireSafe(gateway.host());
        }
        return access;
    }

    /** @param owned the channels that are to be shut down with the agent, to be added to */
    private GatewayLink link(GatewayAccess access, Scheduler scheduler, List<ManagedChannel> owned) {
        LinkSettings linkSettings = LinkSettings.of(
                        bundle.id(), contract.splitPoints(), settings.deviceId, settings.deviceClass, version())
                .withProbeBytesPerMinute(settings.probeBytesPerMinute);
        double[] plannedTails = plannedTailNanos();
        return new GatewayLink(
                targets(access, owned),
                linkSettings,
                point -> plannedTails[point],
                scheduler,
                settings.random,
                new Forwarding(settings.listener));
    }

    private List<GatewayTarget> targets(GatewayAccess access, List<ManagedChannel> owned) {
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

    /** Of one batch by point; NaN where the bundle has no plan for it. */
    private double[] plannedTailNanos() {
        double[] nanos = new double[contract.points().size()];
        Arrays.fill(nanos, Double.NaN);
        PlanTable plan = bundle.manifest().plan();
        if (plan != null) {
            for (PlanTable.PlanRow row : plan.rows()) {
                if (row.point() < nanos.length) {
                    nanos[row.point()] = row.tailMillis() * NANOS_PER_MILLI;
                }
            }
        }
        return nanos;
    }

    private static String version() {
        String version = EdgeAgent.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** The link's events to the application's listener. */
    private record Forwarding(AgentListener listener) implements LinkListener {
        @Override
        public void up(Connection connection) {
            CallEvents.tell(listener, to -> to.linkUp(connection.address(), connection.gatewayVersion()));
        }

        @Override
        public void down(String address, LinkFailure why) {
            CallEvents.tell(listener, to -> to.linkDown(address, why.message()));
        }
    }
}
