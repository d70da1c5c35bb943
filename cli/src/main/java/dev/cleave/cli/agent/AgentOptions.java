package dev.cleave.cli.agent;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.View;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.trust.TrustOptions;
import dev.cleave.cli.units.HostPort;
import dev.cleave.cli.units.TimeSpan;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.Split;
import dev.cleave.edge.policy.Objective;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How an agent is set up; the same options for every verb that runs one. */
public final class AgentOptions {
    private static final Duration MOST_TIME = Duration.ofHours(24);
    private static final int MOST_GATEWAYS = 16;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(
            names = "--gateway",
            paramLabel = "HOST:PORT",
            description = "The gateway. Without one all is LOCAL. Several, in order of preference, with commas or as"
                    + " further --gateway: the next takes over where one fails.")
    private List<String> gateways = new ArrayList<>();

    @Option(names = "--split", paramLabel = "auto|local|cloud|N", description = "Where to cut. Default auto.")
    private String split = "auto";

    @Option(
            names = "--objective",
            paramLabel = "latency|bytes|gateway",
            description = "What --split auto wants least of: time, bytes up, or the gateway's time. Default latency.")
    private String objective = Objective.LATENCY.toString();

    @Option(names = "--deadline", paramLabel = "TIME", description = "Per request. Default 30s.")
    private Duration deadline = Duration.ofSeconds(30);

    @Option(
            names = "--quality",
            paramLabel = "LEVEL",
            description = "Quality level: default, or raw for full precision. By default --split auto may choose a"
                    + " coarser one for the sake of the deadline.")
    private String quality;

    @Option(names = "--jpeg", paramLabel = "QUALITY", description = "At CLOUD send pictures as JPEG, 1 to 100.")
    private Integer jpeg;

    @Option(names = "--no-fallback", description = "Fail instead of finishing on the device when the gateway fails.")
    private boolean noFallback;

    @Mixin
    private IdentityOptions identity;

    @Mixin
    private TrustOptions trust;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of one run on the device. Default: one a core.")
    private int threads;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description = "onnxruntime or tflite: what runs segments of which the bundle has a form for it. Default:"
                    + " onnxruntime; the daemon finds out which is faster.")
    private String engineName;

    /** @throws ParameterException naming the first option whose value cannot be right, whatever the bundle */
    public void check() {
        gateways();
        if (deadline.isZero() || deadline.compareTo(MOST_TIME) > 0) {
            throw usage("--deadline " + TimeSpan.format(deadline)
                    + ": expected more than 0 and at most 24 hours, such as 200ms");
        }
        if (jpeg != null && (jpeg < 1 || jpeg > 100)) {
            throw usage("--jpeg " + jpeg + ": expected 1 to 100");
        }
        if (threads < 0) {
            throw usage("--threads " + threads + ": expected at least 1, or 0 for as many as there are cores");
        }
        if (engineName != null && !Engines.names().contains(engineName)) {
            throw usage("--engine " + engineName + ": expected one of " + Engines.names());
        }
        identity.check();
        trust.check();
        split();
        objective();
    }

    /** In order of preference; none where everything is LOCAL. */
    private Set<String> gateways() {
        Set<String> different = new LinkedHashSet<>();
        for (String option : gateways) {
            for (String text : option.split(",", -1)) {
                if (!different.add(gateway(text).toString().toLowerCase(Locale.ROOT))) {
                    throw usage("--gateway " + text + " is given twice: expected each once");
                }
            }
        }
        if (different.size() > MOST_GATEWAYS) {
            throw usage("--gateway: " + different.size() + " of them: expected at most " + MOST_GATEWAYS);
        }
        return different;
    }

    private HostPort gateway(String text) {
        try {
            HostPort gateway = HostPort.parse(text);
            if (gateway.host() == null || gateway.port() == 0) {
                throw usage("--gateway " + text + ": expected HOST:PORT");
            }
            return gateway;
        } catch (IllegalArgumentException malformed) {
            throw usage("--gateway: " + malformed.getMessage());
        }
    }

    private Split split() {
        try {
            return Split.parse(split);
        } catch (IllegalArgumentException malformed) {
            throw usage("--split " + split + ": expected auto, local, cloud or the number of a point");
        }
    }

    private Objective objective() {
        try {
            return Objective.parse(objective);
        } catch (IllegalArgumentException malformed) {
            throw usage("--objective " + objective + ": expected latency, bytes or gateway");
        }
    }

    /** The same as the agent's own check, in words of the command line. */
    private void requireGateway(Bundle bundle) {
        int local = bundle.contract().local();
        boolean finishesHere = split.equals("local")
                || split.equals(String.valueOf(local))
                || split.equals("auto") && bundle.manifest().edgeThrough() >= local
                || split.equals("auto") && bundle.manifest().view() != View.EDGE;
        boolean exists = !split.matches("\\d+") || Integer.parseInt(split) <= local;
        if (gateways.isEmpty() && !finishesHere && exists) {
            throw usage(
                    "--split " + split + " needs --gateway HOST:PORT; the bundle's last point, which needs none, is "
                            + local + " (local)");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(verb.commandLine(), message);
    }

    public boolean hasGateway() {
        return !gateways.isEmpty();
    }

    /** Whether each request gets a point of its own. */
    boolean choosesPoints() {
        return split.equals("auto");
    }

    public Duration deadline() {
        return deadline;
    }

    /** Opens the bundle that is to be run. */
    public Bundle open(Path file) throws IOException {
        return trust.open(file);
    }

    /** An agent for a bundle; the caller closes it. */
    EdgeAgent build(Bundle bundle, Engine engine) throws IOException, EngineException {
        return build(bundle, engine, builder -> {});
    }

    /**
     * The same with further settings.
     *
     * @param engine that runs it unless {@code --engine} names one; null: the fastest
     */
    public EdgeAgent build(Bundle bundle, Engine engine, Consumer<EdgeAgentBuilder> further)
            throws IOException, EngineException {
        requireGateway(bundle);
        try {
            EdgeAgentBuilder builder = EdgeAgent.builder()
                    .bundle(bundle)
                    .sessionOptions(SessionOptions.defaults().withThreads(threads))
                    .split(split())
                    .objective(objective())
                    .localFallback(!noFallback)
                    .deadline(deadline);
            if (engineName != null) {
                builder.engine(engineName);
            } else if (engine != null) {
                builder.engine(engine);
            }
            gateways().forEach(builder::gateway);
            if (quality != null) {
                builder.quality(quality);
            }
            identity.apply(builder);
            BundleTrust trusted = trust.trust();
            if (trusted != null) {
                builder.trust(trusted);
            }
            if (jpeg != null) {
                builder.jpegQuality(jpeg);
            }
            further.accept(builder);
            return builder.build();
        } catch (IllegalArgumentException refused) {
            throw new UserException(TimeSpan.inMessage(refused.getMessage()), refused);
        }
    }
}
