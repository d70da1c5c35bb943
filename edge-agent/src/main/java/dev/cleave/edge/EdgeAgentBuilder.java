package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.crypto.KeyProvider;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.head.EngineSource;
import dev.cleave.edge.identity.GatewayAddress;
import dev.cleave.edge.identity.Tls;
import dev.cleave.edge.identity.TokenProvider;
import dev.cleave.edge.link.LinkSettings;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.policy.Objective;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.shadow.ShadowSettings;
import dev.cleave.edge.update.UpdateSettings;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.trust.BundleTrust;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/** The settings of an {@link EdgeAgent}. A bundle is the only one that must be given. Not thread-safe. */
public final class EdgeAgentBuilder {
    private static final int MAX_DEVICE_TEXT_BYTES = 128;
    private static final int MAX_GATEWAYS = 16;

    Path bundleFile;
    Bundle bundle;
    KeyProvider bundleKeys;
    BundleTrust trust;
    Engine engine;
    String engineName;
    EngineSource engineSource = EngineSource.CLASS_PATH;
    Path deviceProfile;
    SessionOptions sessionOptions = SessionOptions.defaults();
    /** In order of preference; at most one of these two lists has any. */
    final List<GatewayAddress> gateways = new ArrayList<>();

    final List<ManagedChannel> channels = new ArrayList<>();
    Tls tls;
    TokenProvider token;
    Split split = Split.auto();
    Objective objective = Objective.LATENCY;
    String quality;
    int jpegQuality;
    Duration deadline = Duration.ofSeconds(30);
    int maxInFlight = 64;
    long maxWaitingInputBytes = 64L << 20;
    long probeBytesPerMinute = LinkSettings.PROBE_BYTES_PER_MINUTE;
    boolean checkFinite = true;
    boolean localFallback = true;
    Overflow overflow;
    AgentListener listener = AgentListener.NONE;
    String deviceId = "device-" + UUID.randomUUID();
    String deviceClass = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    Duration reports = Duration.ofSeconds(30);
    Supplier<String> networkClass = () -> "unknown";
    UpdateSettings updates;
    ShadowSettings shadow;
    Scheduler scheduler;
    ExecutorService updateExecutor;
    Executor background;
    Random random = new Random();

    EdgeAgentBuilder() {}

    /** The bundle's file; it is opened, and checked, by {@link #build}. */
    public EdgeAgentBuilder bundle(Path file) {
        bundleFile = Objects.requireNonNull(file, "bundle");
        bundle = null;
        return this;
    }

    public EdgeAgentBuilder bundle(Bundle opened) {
        bundle = Objects.requireNonNull(opened, "bundle");
        bundleFile = null;
        return this;
    }

    /**
     * Where the key of a sealed {@link #bundle(Path)} comes from: a platform's key store, say. It is decrypted into memory
     * alone. Default: sealed bundles are refused.
     */
    public EdgeAgentBuilder bundleKeys(KeyProvider value) {
        bundleKeys = Objects.requireNonNull(value, "bundleKeys");
        return this;
    }

    /**
     * Only bundles that these keys have signed are run, and none older than what was accepted before if releases are
     * remembered. Default: any bundle.
     */
    public EdgeAgentBuilder trust(BundleTrust value) {
        trust = Objects.requireNonNull(value, "trust");
        return this;
    }

    /**
     * The one engine that runs segments; it stays the caller's. Default: {@linkplain #engine(String) the fastest} of those on the class path.
     */
    public EdgeAgentBuilder engine(Engine value) {
        engine = Objects.requireNonNull(value, "engine");
        engineName = null;
        return this;
    }

    /**
     * The engine that runs every segment of which the bundle has a form for it, by name; the others run on the next best one, and so does
     * what it refuses, with the reason told by {@link AgentListener#engineInUse}.
     *
     * <p>By default the agent finds out which one is the fastest where there is a choice: it begins with the one that defines the answers, or
     * with what {@link #deviceProfile} remembers, and measures in moments when there is nothing to do.
     *
     * @param name {@code onnxruntime} or {@code tflite}
     */
    public EdgeAgentBuilder engine(String name) {
        engineName = Objects.requireNonNull(name, "engine");
        engine = null;
        return this;
    }

    /**
     * A file for what is found out about this device: which engine is the fastest, and how long segments take. The next start begins with what
     * it says, and a planner reads it like {@code device.json} of {@code cleave profile}. It is replaced whole; it holds nothing of any
     * input. Default: none, and each start measures anew.
     */
    public EdgeAgentBuilder deviceProfile(Path file) {
        deviceProfile = Objects.requireNonNull(file, "deviceProfile");
        return this;
    }

    /** How segments are loaded: threads, providers. */
    public EdgeAgentBuilder sessionOptions(SessionOptions value) {
        sessionOptions = Objects.requireNonNull(value, "sessionOptions");
        return this;
    }

    /**
     * A gateway, reached over the gRPC transport on the class path, in the clear unless {@link #tls} is given. Without a
     * gateway or a channel everything is LOCAL.
     *
     * <p>Each further one is less preferred than those before it, up to 16. One is in use at a time, until it
     * fails or asks to be left; then the most preferred of the others that can be reached takes over, and requests that the device
     * cannot finish itself are sent to that one again. After {@link EdgeAgent#networkChanged} the first is tried first again.
     *
     * @param hostAndPort {@code host:port} or {@code [v6]:port}
     * @throws IllegalArgumentException for anything else, or an address that was given already
     */
    public EdgeAgentBuilder gateway(String hostAndPort) {
        GatewayAddress address = GatewayAddress.parse(hostAndPort);
        if (gateways.contains(address)) {
            throw new IllegalArgumentException("gateway \"" + hostAndPort + "\" is given twice; expected each once");
        }
        requireRoom(gateways.size());
        gateways.add(address);
        channels.clear();
        return this;
    }

    /** These gateways, in order of preference, in place of those given before: {@link #gateway} for each. */
    public EdgeAgentBuilder gateways(String... hostsAndPorts) {
        gateways.clear();
        for (String hostAndPort : hostsAndPorts) {
            gateway(hostAndPort);
        }
        return this;
    }

    /**
     * A channel to a gateway, with whatever security it has; it stays the caller's. It is put to sleep ({@code enterIdle})
     * while another gateway is in use. Each further one is less preferred, as with {@link #gateway}, in place of which it is.
     */
    public EdgeAgentBuilder channel(ManagedChannel value) {
        Objects.requireNonNull(value, "channel");
        requireRoom(channels.size());
        channels.add(value);
        gateways.clear();
        return this;
    }

    private static void requireRoom(int given) {
        if (given == MAX_GATEWAYS) {
            throw new IllegalArgumentException((given + 1) + " gateways; expected at most " + MAX_GATEWAYS);
        }
    }

    /** The gateway is reached over TLS, and shows who it is. Of no effect on a {@link #channel}, which has its own. */
    public EdgeAgentBuilder tls(Tls value) {
        tls = Objects.requireNonNull(value, "tls");
        return this;
    }

    /**
     * A bearer token that goes with every call to the gateway. It never goes to another machine in the clear: without
     * {@link #tls} only a gateway on this one gets it.
     */
    public EdgeAgentBuilder token(String value) {
        return token(TokenProvider.fixed(value));
    }

    /** The same for tokens that change. */
    public EdgeAgentBuilder token(TokenProvider value) {
        token = Objects.requireNonNull(value, "token");
        return this;
    }

    /** Where to cut. Default {@link Split#auto()}. */
    public EdgeAgentBuilder split(Split value) {
        split = Objects.requireNonNull(value, "split");
        return this;
    }

    /** What {@link Split#auto()} wants least of. Default {@link Objective#LATENCY}. */
    public EdgeAgentBuilder objective(Objective value) {
        objective = Objects.requireNonNull(value, "objective");
        return this;
    }

    /**
     * Name of the one quality level that boundaries are coded at; points without a level of that name use their first. By
     * default it is the first of each point, and with {@link Split#auto()} one with fewer bytes where no point meets the
     * deadline otherwise.
     */
    public EdgeAgentBuilder quality(String level) {
        quality = Objects.requireNonNull(level, "quality");
        return this;
    }

    /**
     * Pictures sent at CLOUD travel as JPEG of this quality, 1 to 100, through the platform's picture codec. Default:
     * as packed RGB, which loses nothing.
     */
    public EdgeAgentBuilder jpegQuality(int value) {
        if (value < 1 || value > 100) {
            throw new IllegalArgumentException("JPEG quality " + value + "; expected 1 to 100");
        }
        jpegQuality = value;
        return this;
    }

    /** Deadline of requests that do not bring their own. Default 30 s; there is none without. */
    public EdgeAgentBuilder deadline(Duration value) {
        EdgeAgent.deadlineNanos(value);
        deadline = value;
        return this;
    }

    /** Requests that are not answered yet, at most; one more is refused. Default 64. */
    public EdgeAgentBuilder maxInFlight(int requests) {
        if (requests < 1) {
            throw new IllegalArgumentException("at most " + requests + " requests in flight; expected 1 or more");
        }
        maxInFlight = requests;
        return this;
    }

    /**
     * Bytes of inputs that wait for this device to run their head, at most; a request that comes while there are more is refused. Default
     * 64 MiB.
     */
    public EdgeAgentBuilder maxWaitingInputBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("at most " + bytes + " bytes of inputs waiting; expected 0 or more");
        }
        maxWaitingInputBytes = bytes;
        return this;
    }

    /**
     * What may be spent, at most, on looking at the link while requests stay on the device, 8 KiB or more, or 0 for
     * nothing. Default 256 KiB.
     */
    public EdgeAgentBuilder probeBytesPerMinute(long bytes) {
        if (bytes != 0 && bytes < LinkSettings.MIN_PROBE_BYTES_PER_MINUTE) {
            throw new IllegalArgumentException("at most " + bytes + " bytes of probes a minute; expected 0, or "
                    + LinkSettings.MIN_PROBE_BYTES_PER_MINUTE + " or more");
        }
        probeBytesPerMinute = bytes;
        return this;
    }

    /** Whether inputs with NaN or infinity are refused. Default true. */
    public EdgeAgentBuilder checkFinite(boolean value) {
        checkFinite = value;
        return this;
    }

    /** Whether a request meant for the gateway is finished here when the gateway fails it. Default true. */
    public EdgeAgentBuilder localFallback(boolean value) {
        localFallback = value;
        return this;
    }

    /**
     * What becomes of a request while frames wait for the gateway's credit. Default {@link Overflow#LOCAL} where the agent chooses the
     * point, {@link Overflow#WAIT} where {@link #split} fixed it.
     */
    public EdgeAgentBuilder overflow(Overflow value) {
        if (value == Overflow.LATEST) {
            throw new IllegalArgumentException("overflow LATEST is for streams; expected LOCAL, WAIT or REJECT");
        }
        overflow = Objects.requireNonNull(value, "overflow");
        return this;
    }

    public EdgeAgentBuilder listener(AgentListener value) {
        listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /** What the gateway calls this device; stable if it is to be recognised. Default: random. */
    public EdgeAgentBuilder deviceId(String value) {
        deviceId = requireShort("device id", value);
        return this;
    }

    /** What devices of one speed share, {@code pixel-8} say. Default: operating system and processor. */
    public EdgeAgentBuilder deviceClass(String value) {
        deviceClass = requireShort("device class", value);
        return this;
    }

    private static String requireShort(String what, String value) {
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_DEVICE_TEXT_BYTES) {
            throw new IllegalArgumentException(
                    what + " of " + bytes + " bytes; expected at most " + MAX_DEVICE_TEXT_BYTES);
        }
        return value;
    }

    /**
     * How often the gateway is told what requests were like: counts and quantiles for each point, a few hundred bytes.
     * Zero: never. Default 30 s.
     */
    public EdgeAgentBuilder reports(Duration every) {
        if (!every.isZero()
                && (every.compareTo(Duration.ofSeconds(1)) < 0 || every.compareTo(Duration.ofDays(1)) > 0)) {
            throw new IllegalArgumentException("reports every " + every + "; expected PT1S to PT24H, or zero for none");
        }
        reports = every;
        return this;
    }

    /**
     * What the device is connected by, asked for each report: {@code wifi}, {@code cellular}, {@code ethernet}; anything
     * else counts as unknown, which is the default.
     */
    public EdgeAgentBuilder networkClass(Supplier<String> value) {
        networkClass = Objects.requireNonNull(value, "networkClass");
        return this;
    }

    /**
     * Newer versions of the model are fetched from the gateway, tried, and kept or given back. Give {@link #trust} with it, or
     * the gateway decides what runs here. Needs a gateway, and a bundle that is not sealed. Default: the bundle stays what it is.
     */
    public EdgeAgentBuilder updates(UpdateSettings value) {
        updates = Objects.requireNonNull(value, "updates");
        return this;
    }

    /**
     * Some of the requests that the gateway answered are run a second time, after their answer was given, and the answers are
     * compared: {@link AgentListener#shadowChecked}, metrics, reports. Where the privacy floor forbids CLOUD no input is sent.
     * Default: none.
     */
    public EdgeAgentBuilder shadow(ShadowSettings value) {
        shadow = Objects.requireNonNull(value, "shadow");
        return this;
    }

    boolean hasGateway() {
        return !channels.isEmpty() || !gateways.isEmpty();
    }

    /** For tests: what updates happen on. */
    EdgeAgentBuilder updateExecutor(ExecutorService value) {
        updateExecutor = value;
        return this;
    }

    /** For tests: in place of the class path. */
    EdgeAgentBuilder engines(EngineSource value) {
        engineSource = value;
        engine = null;
        return this;
    }

    /** For tests: what heads are loaded on to be measured. */
    EdgeAgentBuilder background(Executor value) {
        background = value;
        return this;
    }

    /** For tests: their clock, which becomes the agent's. */
    EdgeAgentBuilder scheduler(Scheduler value) {
        scheduler = value;
        return this;
    }

    /** For tests: their generator of jitter. */
    EdgeAgentBuilder random(Random value) {
        random = value;
        return this;
    }

    /**
     * Opens the bundle, loads every segment that it holds, and begins to connect. Does not wait for the gateway.
     *
     * @throws IOException if the bundle, or a file of {@link #tls}, cannot be read, or the bundle is not to be trusted
     * @throws EngineException if there is no engine, or it does not load a segment
     * @throws IllegalArgumentException if settings and bundle do not go together; one line
     */
    public EdgeAgent build() throws IOException, EngineException {
        return new AgentAssembly(this).assemble();
    }
}
