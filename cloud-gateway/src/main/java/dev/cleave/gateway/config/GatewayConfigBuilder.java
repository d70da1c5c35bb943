package dev.cleave.gateway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects settings; what is not set keeps the default given here. Values are checked by {@link #build}. */
public final class GatewayConfigBuilder {
    private int port = 8500;
    private int httpPort = 8501;
    private Path modelsDirectory = Path.of("models");
    private List<String> providers = List.of();
    private List<String> devices = List.of("0");
    private long deviceMemory;
    private boolean deviceFp16;
    private Path compiledDirectory;
    private long compiledBytes = 4L << 30;
    private int threads;
    private int executors = 1;
    private Duration runLimit = Duration.ofSeconds(60);
    private List<Integer> warmupRows = List.of(1);
    private HalfPrecision fp16 = HalfPrecision.AUTO;
    private List<Path> trustedKeys = List.of();
    private Path releases;
    private Path bundleKeys;
    private int maxBatch = 32;
    private List<Integer> preferredBatches = List.of();
    private Duration maxQueueDelay;
    private MixedCuts mixedCuts = MixedCuts.AUTO;
    private int queueBound = 1024;
    private ConcurrencyLimit concurrencyLimit = ConcurrencyLimit.AUTO;
    private Duration residenceTarget = Duration.ofSeconds(2);
    private long maxBatchBytes = 1 << 30;
    private long batchMemory;
    private long maxHeldBytes = 1 << 30;
    private int creditFrames = 64;
    private long creditBytes = 16 << 20;
    private long maxFrameBytes = 64 << 20;
    private long maxTensorBytes = 256 << 20;
    private int chunkBytes = 1 << 20;
    private Duration reassemblyTime = Duration.ofSeconds(30);
    private int maxOutbound = 256;
    private int maxPerConnection = 256;
    private long maxRequestBytes = 16 << 20;
    private long maxReferenceBytes = 256 << 20;
    private long maxStateBytes = 256 << 20;
    private int maxConnections = 10_000;
    private int maxHttpConnections = 1_000;
    private Path tlsCertificate;
    private Path tlsKey;
    private Path tlsClientCa;
    private Path tokens;
    private Duration reloadEvery = Duration.ofSeconds(10);
    private String httpAddress = "";
    private int healthPort = -1;
    private LoadMode loadMode = LoadMode.POLLING;
    private Duration pollEvery = Duration.ofSeconds(5);
    private List<String> loadAtStart = List.of();
    private VersionPolicy versionPolicy = VersionPolicy.latest(1);
    private final Map<String, VersionPolicy> versionPolicies = new LinkedHashMap<>();
    private Duration keepOldVersionsFor = Duration.ofHours(24);
    private Duration reconnectTime = Duration.ofSeconds(30);
    private long modelMemory;
    private Path stateDirectory;
    private TryModels tryModels = TryModels.PLAIN;
    private Duration tryLimit = Duration.ofSeconds(30);
    private long tryMemory = 2L << 30;
    private int adminPort = -1;
    private boolean adminPortMayBeTaken;
    private String adminAddress = "127.0.0.1";
    private Path adminTokens;
    private long maxPushBytes = 8L << 30;
    private Duration drainGrace = Duration.ofSeconds(10);

    GatewayConfigBuilder() {}

    public GatewayConfigBuilder port(int value) {
        port = value;
        return this;
    }

    public GatewayConfigBuilder httpPort(int value) {
        httpPort = value;
        return this;
    }

    public GatewayConfigBuilder modelsDirectory(Path value) {
        modelsDirectory = value;
        return this;
    }

    public GatewayConfigBuilder providers(List<String> value) {
        providers = value;
        return this;
    }

    public GatewayConfigBuilder devices(List<String> value) {
        devices = value;
        return this;
    }

    public GatewayConfigBuilder deviceMemory(long value) {
        deviceMemory = value;
        return this;
    }

    public GatewayConfigBuilder deviceFp16(boolean value) {
        deviceFp16 = value;
        return this;
    }

    public GatewayConfigBuilder compiledDirectory(Path value) {
        compiledDirectory = value;
        return this;
    }

    public GatewayConfigBuilder compiledBytes(long value) {
        compiledBytes = value;
        return this;
    }

    public GatewayConfigBuilder threads(int value) {
        threads = value;
        return this;
    }

    public GatewayConfigBuilder executors(int value) {
        executors = value;
        return this;
    }

    public GatewayConfigBuilder runLimit(Duration value) {
        runLimit = value;
        return this;
    }

    public GatewayConfigBuilder warmupRows(List<Integer> value) {
        warmupRows = value;
        return this;
    }

    public GatewayConfigBuilder fp16(HalfPrecision value) {
        fp16 = value;
        return this;
    }

    public GatewayConfigBuilder trustedKeys(List<Path> value) {
        trustedKeys = value;
        return this;
    }

    public GatewayConfigBuilder releases(Path value) {
        releases = value;
        return this;
    }

    public GatewayConfigBuilder bundleKeys(Path value) {
        bundleKeys = value;
        return this;
    }

    public GatewayConfigBuilder maxBatch(int value) {
        maxBatch = value;
        return this;
    }

    public GatewayConfigBuilder preferredBatches(List<Integer> value) {
        preferredBatches = value;
        return this;
    }

    /** @param value or null, the default: learned */
    public GatewayConfigBuilder maxQueueDelay(Duration value) {
        maxQueueDelay = value;
        return this;
    }

    public GatewayConfigBuilder mixedCuts(MixedCuts value) {
        mixedCuts = value;
        return this;
    }

    public GatewayConfigBuilder queueBound(int value) {
        queueBound = value;
        return this;
    }

    public GatewayConfigBuilder concurrencyLimit(ConcurrencyLimit value) {
        concurrencyLimit = value;
        return this;
    }

    /** Where the limit is learned. */
    public GatewayConfigBuilder residenceTarget(Duration value) {
        residenceTarget = value;
        return this;
    }

    public GatewayConfigBuilder maxBatchBytes(long value) {
        maxBatchBytes = value;
        return this;
    }

    /** What runs of one model are to take at a time; 0: a quarter of the machine's memory. */
    public GatewayConfigBuilder batchMemory(long value) {
        batchMemory = value;
        return this;
    }

    public GatewayConfigBuilder maxHeldBytes(long value) {
        maxHeldBytes = value;
        return this;
    }

    public GatewayConfigBuilder creditFrames(int value) {
        creditFrames = value;
        return this;
    }

    public GatewayConfigBuilder creditBytes(long value) {
        creditBytes = value;
        return this;
    }

    public GatewayConfigBuilder maxFrameBytes(long value) {
        maxFrameBytes = value;
        return this;
    }

    public GatewayConfigBuilder maxTensorBytes(long value) {
        maxTensorBytes = value;
        return this;
    }

    public GatewayConfigBuilder chunkBytes(int value) {
        chunkBytes = value;
        return this;
    }

    public GatewayConfigBuilder reassemblyTime(Duration value) {
        reassemblyTime = value;
        return this;
    }

    public GatewayConfigBuilder maxOutbound(int value) {
        maxOutbound = value;
        return this;
    }

    public GatewayConfigBuilder maxPerConnection(int value) {
        maxPerConnection = value;
        return this;
    }

    public GatewayConfigBuilder maxRequestBytes(long value) {
        maxRequestBytes = value;
        return this;
    }

    public GatewayConfigBuilder maxConnections(int value) {
        maxConnections = value;
        return this;
    }

    public GatewayConfigBuilder maxHttpConnections(int value) {
        maxHttpConnections = value;
        return this;
    }

    public GatewayConfigBuilder tlsCertificate(Path value) {
        tlsCertificate = value;
        return this;
    }

    public GatewayConfigBuilder tlsKey(Path value) {
        tlsKey = value;
        return this;
    }

    public GatewayConfigBuilder tlsClientCa(Path value) {
        tlsClientCa = value;
        return this;
    }

    public GatewayConfigBuilder tokens(Path value) {
        tokens = value;
        return this;
    }

    public GatewayConfigBuilder reloadEvery(Duration value) {
        reloadEvery = value;
        return this;
    }

    public GatewayConfigBuilder httpAddress(String value) {
        httpAddress = value;
        return this;
    }

    public GatewayConfigBuilder healthPort(int value) {
        healthPort = value;
        return this;
    }

    public GatewayConfigBuilder maxReferenceBytes(long value) {
        maxReferenceBytes = value;
        return this;
    }

    public GatewayConfigBuilder maxStateBytes(long value) {
        maxStateBytes = value;
        return this;
    }

    public GatewayConfigBuilder loadMode(LoadMode value) {
        loadMode = value;
        return this;
    }

    public GatewayConfigBuilder pollEvery(Duration value) {
        pollEvery = value;
        return this;
    }

    public GatewayConfigBuilder loadAtStart(List<String> value) {
        loadAtStart = value;
        return this;
    }

    public GatewayConfigBuilder versionPolicy(VersionPolicy value) {
        versionPolicy = value;
        return this;
    }

    /** The policy of one model, by its name. */
    public GatewayConfigBuilder versionPolicy(String model, VersionPolicy value) {
        versionPolicies.put(model, value);
        return this;
    }

    public GatewayConfigBuilder keepOldVersionsFor(Duration value) {
        keepOldVersionsFor = value;
        return this;
    }

    public GatewayConfigBuilder reconnectTime(Duration value) {
        reconnectTime = value;
        return this;
    }

    public GatewayConfigBuilder modelMemory(long value) {
        modelMemory = value;
        return this;
    }

    public GatewayConfigBuilder stateDirectory(Path value) {
        stateDirectory = value;
        return this;
    }

    /** Without one models are only found in the directory. */
    public GatewayConfigBuilder tryModels(TryModels value) {
        tryModels = value;
        return this;
    }

    public GatewayConfigBuilder tryLimit(Duration value) {
        tryLimit = value;
        return this;
    }

    public GatewayConfigBuilder tryMemory(long value) {
        tryMemory = value;
        return this;
    }

    public GatewayConfigBuilder adminPort(int value) {
        adminPort = value;
        adminPortMayBeTaken = false;
        return this;
    }

    /** The same, but a gateway that finds the port in use goes on without it. */
    public GatewayConfigBuilder adminPortIfFree(int value) {
        adminPort = value;
        adminPortMayBeTaken = true;
        return this;
    }

    public GatewayConfigBuilder adminAddress(String value) {
        adminAddress = value;
        return this;
    }

    public GatewayConfigBuilder adminTokens(Path value) {
        adminTokens = value;
        return this;
    }

    public GatewayConfigBuilder maxPushBytes(long value) {
        maxPushBytes = value;
        return this;
    }

    public GatewayConfigBuilder drainGrace(Duration value) {
        drainGrace = value;
        return this;
    }

    /** @throws IllegalArgumentException naming the setting, its value and what was expected */
    public GatewayConfig build() {
        return new GatewayConfig(
                port,
                httpPort,
                new GatewayConfig.Models(
                        modelsDirectory,
                        providers,
                        new GatewayConfig.Devices(devices, deviceMemory, deviceFp16, compiledDirectory, compiledBytes),
                        threads,
                        executors,
                        runLimit,
                        warmupRows,
                        fp16,
                        new GatewayConfig.Trust(trustedKeys, releases, bundleKeys)),
                new GatewayConfig.Lifecycle(
                        loadMode,
                        pollEvery,
                        loadAtStart,
                        versionPolicy,
                        versionPolicies,
                        keepOldVersionsFor,
                        reconnectTime,
                        modelMemory,
                        stateDirectory,
                        new GatewayConfig.Trials(tryModels, tryLimit, tryMemory)),
                new GatewayConfig.Batching(
                        maxBatch,
                        preferredBatches,
                        maxQueueDelay,
                        mixedCuts,
                        queueBound,
                        concurrencyLimit,
                        residenceTarget,
                        maxBatchBytes,
                        batchMemory,
                        maxHeldBytes),
                new GatewayConfig.Streams(
                        creditFrames,
                        creditBytes,
                        maxFrameBytes,
                        maxTensorBytes,
                        chunkBytes,
                        reassemblyTime,
                        maxOutbound,
                        maxPerConnection,
                        maxRequestBytes,
                        maxReferenceBytes,
                        maxStateBytes),
                new GatewayConfig.Connections(maxConnections, maxHttpConnections),
                new GatewayConfig.Access(
                        tlsCertificate, tlsKey, tlsClientCa, tokens, reloadEvery, httpAddress, healthPort),
                new GatewayConfig.Admin(adminPort, adminPortMayBeTaken, adminAddress, adminTokens, maxPushBytes),
                drainGrace);
    }
}
