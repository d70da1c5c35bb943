package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.PlanTable;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.head.HeadEngines;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.LinkListener;
import dev.cleave.edge.link.LinkSettings;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.CostTable;
import dev.cleave.edge.policy.FixedSplit;
import dev.cleave.edge.policy.KnownCosts;
import dev.cleave.edge.policy.PlanPolicy;
import dev.cleave.edge.policy.SplitPolicy;
import dev.cleave.edge.report.FieldReport;
import dev.cleave.edge.report.Reporter;
import dev.cleave.engine.EngineException;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureCodecs;
import java.io.IOException;
import java.util.Arrays;

/** Makes a version of the model out of a bundle, the cheapest checks first. */
final class ModelAssembly {
    private static final double NANOS_PER_MILLI = 1e6;

    private final EdgeAgentBuilder settings;
    private final AgentSurroundings surroundings;

    ModelAssembly(EdgeAgentBuilder settings, AgentSurroundings surroundings) {
        this.settings = settings;
        this.surroundings = surroundings;
    }

    /**
     * Loads every segment that the bundle holds. Nothing is begun yet. Whatever runs was loaded here: so here is where it has to be
     * trusted, wherever it comes from.
     *
     * @throws IOException if the bundle cannot be read, or is not to be trusted
     * @throws IllegalArgumentException if settings and bundle do not go together; one line
     */
    ModelInUse load(Bundle bundle) throws IOException, EngineException {
        if (settings.trust != null) {
            settings.trust.check(bundle);
        }
        Contract contract = bundle.contract();
        requirePossible(contract, HeadEngines.through(bundle), "this view of the bundle ends");
        WireCodecs codecs = new WireCodecs(contract, settings.quality, pictureCodec(), settings.jpegQuality);
        ChosenHead head = new HeadAssembly(settings, surroundings, version()).load(bundle);
        try {
            requirePossible(contract, head.runner().through(), "what the engines here read of the bundle ends");
            return assemble(bundle, codecs, head);
        } catch (RuntimeException | Error e) {
            head.close();
            throw e;
        }
    }

    private ModelInUse assemble(Bundle bundle, WireCodecs codecs, ChosenHead head) {
        Contract contract = bundle.contract();
        LinkEvents.Source events = surroundings.linkEvents().new Source();
        boolean needsLink = surroundings.hasGateway() && !isFixedLocal(contract);
        GatewayLink link = needsLink ? link(bundle, events) : null;
        FieldReport report = link == null || settings.reports.isZero() ? null : new FieldReport();
        KnownCosts costs = new KnownCosts(CostTable.of(contract, bundle.manifest()));
        AgentListener listener = report == null ? settings.listener : settings.listener.and(report);
        AgentParts parts = new AgentParts(
                contract,
                head.runner(),
                link,
                codecs,
                costs,
                surroundings.scheduler(),
                listener,
                settings.split.isAuto(),
                settings.localFallback,
                surroundings.ids(),
                surroundings.calls(),
                surroundings.shadows());
        return new ModelInUse(
                bundle,
                parts,
                head,
                policy(contract, costs, codecs),
                new InputCheck(contract, settings.checkFinite),
                events,
                report == null ? null : reporter(report, link));
    }

    private Reporter reporter(FieldReport report, GatewayLink link) {
        long every = settings.reports.toNanos();
        return new Reporter(report, link::report, settings.networkClass, surroundings.scheduler(), every);
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

    /**
     * Refuses a split that this bundle, this view of it or the lack of a gateway rules out.
     *
     * @param through the last point that the device reaches
     * @param end of what that is, in words
     */
    private void requirePossible(Contract contract, int through, String end) {
        int local = contract.local();
        int point = settings.split.point(local);
        if (settings.split.isAuto()) {
            requireGatewayOr(
                    through == local,
                    "split auto needs a gateway, for " + end + " at point " + through + " of " + local);
        } else if (point > local) {
            throw new IllegalArgumentException(
                    "split point " + point + " does not exist in the bundle; expected 0 to " + local);
        } else if (point > through) {
            throw new IllegalArgumentException((point == local ? "LOCAL" : "split point " + point)
                    + " is not available: " + end + " at point " + through + " of " + local);
        } else if (point < contract.privacyFloor()) {
            throw new IllegalArgumentException("split point " + point
                    + " is before the bundle's privacy floor; expected " + contract.privacyFloor() + " or later");
        } else {
            requireGatewayOr(point == local, "split point " + point + " needs a gateway");
        }
    }

    private void requireGatewayOr(boolean local, String need) {
        if (!local && !surroundings.hasGateway()) {
            throw new IllegalArgumentException(need + "; expected a gateway or a channel");
        }
    }

    private boolean isFixedLocal(Contract contract) {
        return !settings.split.isAuto() && settings.split.point(contract.local()) == contract.local();
    }

    private SplitPolicy policy(Contract contract, KnownCosts costs, WireCodecs codecs) {
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

    private GatewayLink link(Bundle bundle, LinkListener events) {
        LinkSettings linkSettings = LinkSettings.of(
                        bundle.id(),
                        bundle.contract().splitPoints(),
                        settings.deviceId,
                        settings.deviceClass,
                        version())
                .withProbeBytesPerMinute(settings.probeBytesPerMinute);
        double[] plannedTails = plannedTailNanos(bundle);
        return new GatewayLink(
                surroundings.gateways(),
                linkSettings,
                point -> plannedTails[point],
                surroundings.scheduler(),
                settings.random,
                events);
    }

    /** Of one batch by point; NaN where the bundle has no plan for it. */
    private static double[] plannedTailNanos(Bundle bundle) {
        double[] nanos = new double[bundle.contract().points().size()];
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
}
