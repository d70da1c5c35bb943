package dev.cleave.gateway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every setting of a gateway. Immutable; made by {@link #builder()}, which holds the defaults. docs/OPERATING.md has a
 * line for each.
 *
 * @param port of the gRPC server; 0: any free one
 * @param httpPort of health and metrics; 0: any free one
 * @param models what is served and how
 * @param lifecycle which versions of models come and go, and when
 * @param batching how requests are joined
 * @param streams what an agent may have in flight
 * @param connections how many may be open
 * @param access who the gateway is, and whom it lets in
 * @param admin the port by which models are loaded, unloaded and pushed
 * @param drainGrace time that a draining gateway gives to what is queued
 */
public record GatewayConfig(
        int port,
        int httpPort,
        Models models,
        Lifecycle lifecycle,
        Batching batching,
        Streams streams,
        Connections connections,
        Access access,
        Admin admin,
        Duration drainGrace) {

    public GatewayConfig {
        requireWithin("port", port, 0, 65_535);
        requireWithin("httpPort", httpPort, 0, 65_535);
        requirePositive("drainGrace", drainGrace);
        requireApart(access.healthPort(), "port", port);
        requireApart(access.healthPort(), "httpPort", httpPort);
        requireApart(access.healthPort(), "adminPort", admin.port());
    }

    /** What is sent to another port, tokens among it, is not to come in the clear. */
    private static void requireApart(int healthPort, String name, int port) {
        if (healthPort > 0 && healthPort == port) {
            throw new IllegalArgumentException(
                    "healthPort is " + healthPort + ", and so is " + name + "; expected a port of its own");
        }
    }

    /** The defaults, to be changed. */
    public static GatewayConfigBuilder builder() {
        return new GatewayConfigBuilder();
    }

    /**
     * What is served and how.
     *
     * @param directory holds {@code *.cleave} files
     * @param providers execution providers in order of preference; CPU is always the last resort
     * @param devices what is taken of GPUs
     * @param threads of one run on the CPU; 0: the cores, shared among the executors
     * @param executors batches of one model that run at a time on each device
     * @param runLimit time after which a run is ended
     * @param warmupRows batch sizes to run once before a model is ready; sizes over its maximum are skipped
     * @param halfPrecision whether tails in 16-bit floats are run where a bundle has them
     * @param trust which bundles are served
     */
    public record Models(
            Path directory,
            List<String> providers,
            Devices devices,
            int threads,
            int executors,
            Duration runLimit,
            List<Integer> warmupRows,
            HalfPrecision halfPrecision,
            Trust trust) {
        public Models {
            providers = List.copyOf(providers);
            warmupRows = List.copyOf(warmupRows);
            requireWithin("threads", threads, 0, 4096);
            requireWithin("executors", executors, 1, 256);
            requirePositive("runLimit", runLimit);
            for (int rows : warmupRows) {
                requireWithin("warmupRows", rows, 1, 65_536);
            }
        }
    }

    /**
     * What models take of GPUs; docs/EXECUTION.md.
     *
     * @param ids indices as CUDA counts them, or ids that begin with {@code GPU-} or {@code MIG-}; batches are spread over them
     * @param memory bytes of a device that one session may take; 0: no bound
     * @param halves whether TensorRT may compute in 16-bit floats what a graph has in 32
     * @param compiled directory in which compiled graphs are kept; null: {@code compiled} in the state directory
     * @param compiledBytes most bytes in it; 0: nothing is kept
     */
    public record Devices(List<String> ids, long memory, boolean halves, Path compiled, long compiledBytes) {
        private static final int MOST = 64;

        public Devices {
            ids = List.copyOf(ids);
            requireWithin("number of devices", ids.size(), 1, MOST);
            requireWithin("deviceMemory", memory, 0, 1L << 50);
            requireWithin("compiledBytes", compiledBytes, 0, 1L << 50);
            for (String id : ids) {
                if (!id.matches("\\d{1,4}|(GPU|MIG)-[0-9A-Za-z/-]{1,120}")) {
                    throw new IllegalArgumentException(
                            "devices has \"" + id + "\"; expected an index, or an id such as GPU-.. or MIG-..");
                }
            }
            if (Set.copyOf(ids).size() < ids.size()) {
                throw new IllegalArgumentException("devices is " + ids + "; expected each device once");
            }
        }
    }

    /**
     * Which bundles are served.
     *
     * @param keys files of public keys, PEM; with at least one, only what one of them signed is served
     * @param releases folder in which the highest release of each model is remembered; null: older ones are served, too
     * @param bundleKeys file of the keys that sealed bundles are opened with; null: those are not served
     */
    public record Trust(List<Path> keys, Path releases, Path bundleKeys) {
        public Trust {
            keys = List.copyOf(keys);
            if (releases != null && keys.isEmpty()) {
                throw new IllegalArgumentException(
                        "releases is " + releases + " without trustedKeys; expected the keys that sign them");
            }
        }
    }

    /**
     * Which versions of models come and go, and when; docs/REPOSITORY.md.
     *
     * @param mode whether what lies in the directory is loaded unasked
     * @param pollEvery time after which the directory is looked at again
     * @param loadAtStart models to load at the start in explicit mode, {@code name} or {@code name:version}
     * @param policy which versions of a model's folder are served
     * @param policies of single models, by name
     * @param keepOldVersionsFor time for which a version with open streams outlives the one that took its place
     * @param reconnectTime time for which one without streams does, at most {@code keepOldVersionsFor}: its agents may only be connecting again
     * @param memory bytes that all models together may need, as estimated; 0: no bound
     * @param stateDirectory where labels, private copies and the audit log lie; null: {@code .cleave} in the directory
     * @param trials how models are tried before they are loaded
     */
    public record Lifecycle(
            LoadMode mode,
            Duration pollEvery,
            List<String> loadAtStart,
            VersionPolicy policy,
            Map<String, VersionPolicy> policies,
            Duration keepOldVersionsFor,
            Duration reconnectTime,
            long memory,
            Path stateDirectory,
            Trials trials) {
        private static final Duration LONGEST_KEPT = Duration.ofDays(365);

        public Lifecycle {
            loadAtStart = List.copyOf(loadAtStart);
            policies = Map.copyOf(policies);
            requirePositive("pollEvery", pollEvery);
            requireWithin("modelMemory", memory, 0, 1L << 50);
            requireKept("keepOldVersionsFor", keepOldVersionsFor);
            requireKept("reconnectTime", reconnectTime);
            if (mode == LoadMode.POLLING && !loadAtStart.isEmpty()) {
                throw new IllegalArgumentException("loadAtStart is " + loadAtStart
                        + " with loadMode polling, which loads by versionPolicy; expected loadMode explicit");
            }
        }

        private static void requireKept(String name, Duration value) {
            if (value.isNegative() || value.compareTo(LONGEST_KEPT) > 0) {
                throw new IllegalArgumentException(name + " is " + value + "; expected 0 to " + LONGEST_KEPT);
            }
        }

        /** Which versions of one model's folder are served. */
        public VersionPolicy policyOf(String model) {
            return policies.getOrDefault(model, policy);
        }
    }

    /**
     * How models are tried before they are loaded; docs/REPOSITORY.md, "Tried in a process of its own".
     *
     * @param which of them are
     * @param limit within which a trial has to end
     * @param memory bytes that a trial may take beside twice the model's own
     */
    public record Trials(TryModels which, Duration limit, long memory) {
        public Trials {
            requirePositive("tryLimit", limit);
            requireWithin("tryMemory", memory, 128L << 20, 1L << 50);
        }
    }

    /**
     * The admin port.
     *
     * @param port 0: any free one; -1: there is none
     * @param mayBeTaken whether the gateway goes on without one if the port is in use
     * @param address name or address to listen on; one that is not this machine's loopback only with {@code tokens}
     * @param tokens hashes of the tokens by which operators are known; null: none is asked for
     * @param maxPushBytes most bytes of one uploaded bundle
     */
    public record Admin(int port, boolean mayBeTaken, String address, Path tokens, long maxPushBytes) {
        public Admin {
            requireWithin("adminPort", port, -1, 65_535);
            requireWithin("maxPushBytes", maxPushBytes, 1 << 10, 1L << 42);
            if (address.isBlank()) {
                throw new IllegalArgumentException("adminAddress is empty; expected an address such as 127.0.0.1");
            }
        }
    }

    /**
     * How requests are joined.
     *
     * @param maxBatch most rows of a batch; the bundle's own maximum applies as well
     * @param preferredBatches sizes at which a batch is closed early
     * @param maxQueueDelay that the oldest request waits for others while an executor is idle; null: as long as was learned to be worth it
     * @param mixedCuts whether a model's points share segments, so that requests join a run of an earlier point that comes by theirs
     * @param queueBound most requests that wait, per model
     * @param concurrencyLimit requests that wait or run, per model
     * @param residenceTarget within which requests are to be answered, for a limit that is learned
     * @param maxBatchBytes most decoded bytes of a batch
     * @param memory bytes that runs of one model are to take at a time, where it is known what they take; 0: a quarter of the machine's
     * @param maxHeldBytes encoded frames that wait or run, all models together
     */
    public record Batching(
            int maxBatch,
            List<Integer> preferredBatches,
            Duration maxQueueDelay,
            MixedCuts mixedCuts,
            int queueBound,
            ConcurrencyLimit concurrencyLimit,
            Duration residenceTarget,
            long maxBatchBytes,
            long memory,
            long maxHeldBytes) {
        public Batching {
            preferredBatches = List.copyOf(preferredBatches);
            requireWithin("maxBatch", maxBatch, 1, 65_536);
            requireWithin("queueBound", queueBound, 1, 1 << 20);
            requirePositive("residenceTarget", residenceTarget);
            requireWithin("maxBatchBytes", maxBatchBytes, 1, Integer.MAX_VALUE);
            requireWithin("batchMemory", memory, 0, 1L << 50);
            requireWithin("maxHeldBytes", maxHeldBytes, 1 << 10, 1L << 40);
            for (int rows : preferredBatches) {
                requireWithin("preferredBatches", rows, 2, maxBatch);
            }
            if (maxQueueDelay != null
                    && (maxQueueDelay.isNegative() || maxQueueDelay.compareTo(Duration.ofMinutes(1)) > 0)) {
                throw new IllegalArgumentException("maxQueueDelay is " + maxQueueDelay + "; expected 0 to 1 minute");
            }
        }
    }

    /**
     * What an agent may have in flight, per stream, and what one frame may be.
     *
     * @param creditFrames requests without a reply
     * @param creditBytes payload that has been sent and not yet left the reassembly buffer
     * @param maxFrameBytes payload of all chunks of one frame
     * @param maxTensorBytes decoded size of one request's boundary
     * @param chunkBytes payload of one message, in both directions
     * @param reassemblyTime within which all chunks of a frame must come, and the first message of a stream
     * @param maxOutbound messages that wait to be sent before the gateway stops reading from that agent
     * @param maxPerConnection streams and calls of one connection
     * @param maxRequestBytes of one message that is received, and of one request over HTTP
     * @param maxReferenceBytes symbols of video frames that later ones may be coded against, of all streams together; 0: none
     * @param maxStateBytes state of stateful models, of all streams together; 0: none
     */
    public record Streams(
            int creditFrames,
            long creditBytes,
            long maxFrameBytes,
            long maxTensorBytes,
            int chunkBytes,
            Duration reassemblyTime,
            int maxOutbound,
            int maxPerConnection,
            long maxRequestBytes,
            long maxReferenceBytes,
            long maxStateBytes) {
        public Streams {
            requireWithin("creditFrames", creditFrames, 1, 1 << 20);
            requireWithin("creditBytes", creditBytes, 1 << 10, 1L << 40);
            requireWithin("maxFrameBytes", maxFrameBytes, 1 << 10, Integer.MAX_VALUE - 8);
            requireWithin("maxTensorBytes", maxTensorBytes, 1 << 10, Integer.MAX_VALUE - 8);
            // gRPC receives messages of up to 4 MiB by default; the header fields need a little of that.
            requireWithin("chunkBytes", chunkBytes, 1 << 10, (4 << 20) - (64 << 10));
            requireWithin("maxOutbound", maxOutbound, 1, 1 << 20);
            requireWithin("maxPerConnection", maxPerConnection, 1, 1 << 20);
            // Agents' chunks need gRPC's usual 4 MiB, headers included.
            requireWithin("maxRequestBytes", maxRequestBytes, 4 << 20, 1 << 30);
            requireWithin("maxReferenceBytes", maxReferenceBytes, 0, 1L << 40);
            requireWithin("maxStateBytes", maxStateBytes, 0, 1L << 40);
            requirePositive("reassemblyTime", reassemblyTime);
        }
    }

    /**
     * How many connections may be open at a time.
     *
     * @param grpc to the gRPC port; the next one is closed
     * @param http to the HTTP port; the next one waits until another is closed
     */
    public record Connections(int grpc, int http) {
        public Connections {
            requireWithin("maxConnections", grpc, 1, 1 << 20);
            requireWithin("maxHttpConnections", http, 1, 1 << 20);
        }
    }

    /**
     * Who the gateway is, and whom it lets in. Each file is null if there is none.
     *
     * @param certificate chain in PEM, the gateway's own first; without one it is reached in the clear
     * @param privateKey of that certificate, PKCS#8 in PEM
     * @param clientCa certificates in PEM; each device must then show one that leads to one of them
     * @param tokens hashes of the tokens by which devices are known; without the file no token is asked for
     * @param reloadEvery time after which the files are looked at again
     * @param httpAddress name or address that the HTTP port and {@code healthPort} are bound to; empty: all of the machine's
     * @param healthPort in the clear and for everybody, with health and metrics alone; 0: any free one; -1: there is none
     */
    public record Access(
            Path certificate,
            Path privateKey,
            Path clientCa,
            Path tokens,
            Duration reloadEvery,
            String httpAddress,
            int healthPort) {
        public Access {
            requirePositive("reloadEvery", reloadEvery);
            requireWithin("healthPort", healthPort, -1, 65_535);
            if ((certificate == null) != (privateKey == null)) {
                throw new IllegalArgumentException("tlsCertificate is " + certificate + " and tlsKey is " + privateKey
                        + "; expected both or neither");
            }
            if (clientCa != null && certificate == null) {
                throw new IllegalArgumentException(
                        "tlsClientCa is " + clientCa + " without tlsCertificate; expected both");
            }
        }
    }

    private static void requireWithin(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(name + " is " + value + "; expected " + low + " to " + high);
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(name + " is " + value + "; expected more than 0, at most a day");
        }
    }
}
