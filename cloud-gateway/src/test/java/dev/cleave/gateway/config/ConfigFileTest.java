package dev.cleave.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
    @TempDir
    Path directory;

    private GatewayConfig read(String json) throws IOException, GatewayException {
        GatewayConfigBuilder builder = GatewayConfig.builder();
        ConfigFile.apply(Files.writeString(directory.resolve("gateway.json"), json), builder);
        return builder.build();
    }

    @Test
    void setsWhatTheFileNamesAndKeepsTheRest() throws Exception {
        GatewayConfig config = read("""
                {"port": 9000, "maxQueueDelay": "2ms", "preferredBatches": [4, 8], "providers": ["cuda"],
                 "creditBytes": "32M", "maxTensorBytes": 1048576, "runLimit": "1.5s"}""");
        assertThat(config.port()).isEqualTo(9000);
        assertThat(config.httpPort()).isEqualTo(8501);
        assertThat(config.batching().maxQueueDelay()).isEqualTo(Duration.ofMillis(2));
        assertThat(config.batching().preferredBatches()).isEqualTo(List.of(4, 8));
        assertThat(config.models().providers()).isEqualTo(List.of("cuda"));
        assertThat(config.streams().creditBytes()).isEqualTo(32L << 20);
        assertThat(config.streams().maxTensorBytes()).isEqualTo(1 << 20);
        assertThat(config.models().runLimit()).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void refusesDevicesThatCannotBe() {
        assertThatThrownBy(() -> read("{\"devices\": []}")).hasMessageContaining("number of devices is 0");
        assertThatThrownBy(() -> read("{\"devices\": [\"0\", \"0\"]}"))
                .hasMessageContaining("expected each device once");
        for (String id : List.of("-1", "gpu", "GPU-", "GPU-a;b", "99999")) {
            assertThatThrownBy(() -> read("{\"devices\": [\"" + id + "\"]}"))
                    .hasMessageContaining("devices has \"" + id + "\"; expected an index, or an id");
        }
    }

    @Test
    void acceptsEverySettingOfTheBuilder() throws Exception {
        GatewayConfig config = read("""
                {"port": 0, "httpPort": 0, "modelsDirectory": "m", "providers": [], "devices": ["1", "GPU-a/b"], "deviceMemory": "2G", "deviceFp16": true, "compiledDirectory": "d", "compiledBytes": "3G", "threads": 2, "executors": 3,
                 "runLimit": "1s", "warmupRows": [1, 2], "fp16": "always", "trustedKeys": ["p"], "releases": "r", "bundleKeys": "b",
                  "maxBatch": 4, "preferredBatches": [2],
                 "maxQueueDelay": "0ms", "mixedCuts": "never", "queueBound": 5, "maxConnections": 14, "maxHttpConnections": 15, "concurrencyLimit": 77, "residenceTarget": "900ms", "maxBatchBytes": "1M", "batchMemory": "3G", "maxHeldBytes": "9M", "creditFrames": 6,
                 "creditBytes": "2M", "maxFrameBytes": "3M", "maxTensorBytes": "4M", "chunkBytes": "64k",
                 "reassemblyTime": "7s", "maxOutbound": 8, "maxPerConnection": 9, "maxRequestBytes": "12M", "maxReferenceBytes": "5M", "maxStateBytes": "6M", "drainGrace": "10s",
                 "tlsCertificate": "c", "tlsKey": "k", "tlsClientCa": "a", "tokens": "t", "reloadEvery": "11s", "httpAddress": "h", "healthPort": 16,
                 "loadMode": "explicit", "pollEvery": "12s", "loadAtStart": ["a", "b:2"], "versionPolicy": "latest:2",
                 "versionPolicies": {"a": "all", "b": "3,5"}, "keepOldVersionsFor": "36h", "reconnectTime": "16s", "modelMemory": "7G", "stateDirectory": "s",
                 "tryModels": "all", "tryLimit": "14s", "tryMemory": "1G",
                 "adminPort": 13, "adminAddress": "::1", "adminTokens": "u", "maxPushBytes": "8M"}""");
        assertThat(config)
                .isEqualTo(new GatewayConfig(
                        0,
                        0,
                        new GatewayConfig.Models(
                                Path.of("m"),
                                List.of(),
                                new GatewayConfig.Devices(
                                        List.of("1", "GPU-a/b"), 2L << 30, true, Path.of("d"), 3L << 30),
                                2,
                                3,
                                Duration.ofSeconds(1),
                                List.of(1, 2),
                                HalfPrecision.ALWAYS,
                                new GatewayConfig.Trust(List.of(Path.of("p")), Path.of("r"), Path.of("b"))),
                        new GatewayConfig.Lifecycle(
                                LoadMode.EXPLICIT,
                                Duration.ofSeconds(12),
                                List.of("a", "b:2"),
                                VersionPolicy.latest(2),
                                Map.of("a", VersionPolicy.ALL, "b", new VersionPolicy(0, Set.of(3L, 5L))),
                                Duration.ofHours(36),
                                Duration.ofSeconds(16),
                                7L << 30,
                                Path.of("s"),
                                new GatewayConfig.Trials(TryModels.ALL, Duration.ofSeconds(14), 1L << 30)),
                        new GatewayConfig.Batching(
                                4,
                                List.of(2),
                                Duration.ZERO,
                                MixedCuts.NEVER,
                                5,
                                ConcurrencyLimit.of(77),
                                Duration.ofMillis(900),
                                1 << 20,
                                3L << 30,
                                9 << 20),
                        new GatewayConfig.Streams(
                                6,
                                2 << 20,
                                3 << 20,
                                4 << 20,
                                64 << 10,
                                Duration.ofSeconds(7),
                                8,
                                9,
                                12 << 20,
                                5 << 20,
                                6 << 20),
                        new GatewayConfig.Connections(14, 15),
                        new GatewayConfig.Access(
                                Path.of("c"),
                                Path.of("k"),
                                Path.of("a"),
                                Path.of("t"),
                                Duration.ofSeconds(11),
                                "h",
                                16),
                        new GatewayConfig.Admin(13, false, "::1", Path.of("u"), 8 << 20),
                        Duration.ofSeconds(10)));
    }

    @Test
    void theDelayIsLearnedUnlessItIsSet() throws Exception {
        assertThat(read("{\"maxQueueDelay\": \"auto\"}").batching().maxQueueDelay())
                .isNull();
        assertThat(read("{}").batching().maxQueueDelay()).isNull();
        assertThat(read("{\"maxQueueDelay\": \"3ms\"}").batching().maxQueueDelay())
                .isEqualTo(Duration.ofMillis(3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"prot\": 1}|unknown key \"prot\"",
                "{\"port\": \"x\"}|\"port\" is \"x\"; expected a whole number",
                "{\"port\": 1.5}|\"port\" is 1.5; expected a whole number",
                "{\"port\": 99999999999}|\"port\" is 99999999999; expected a whole number",
                "{\"maxQueueDelay\": 5}|\"maxQueueDelay\" is 5; expected a string",
                "{\"mixedCuts\": \"yes\"}|mixedCuts is \"yes\"; expected auto, always or never",
                "{\"maxQueueDelay\": \"5 minutes\"}|\"5 minutes\" is not a time",
                "{\"chunkBytes\": \"9G\"}|\"chunkBytes\" is \"9G\"; expected at most 2147483647 bytes",
                "{\"creditBytes\": \"lots\"}|\"lots\" is not a size",
                "{\"creditBytes\": \"99999999999999G\"}|is not a size",
                "{\"providers\": \"cuda\"}|expected a list of strings",
                "{\"fp16\": \"sometimes\"}|fp16 is \"sometimes\"; expected auto, never or always",
                "{\"loadMode\": \"often\"}|loadMode is \"often\"; expected polling or explicit",
                "{\"versionPolicy\": \"newest\"}|\"newest\"; expected latest, latest:N, all, or version numbers",
                "{\"versionPolicy\": \"latest:0\"}|\"latest:0\"; expected latest, latest:N, all, or version numbers",
                "{\"versionPolicy\": \"3,x\"}|\"3,x\"; expected latest, latest:N, all, or version numbers",
                "{\"versionPolicies\": [\"all\"]}|expected an object of strings",
                "{\"versionPolicies\": {\"a\": 1}}|expected an object of strings",
                "{\"warmupRows\": [\"1\"]}|expected a whole number",
                "{\"port\": 1, \"port\": 2}|Duplicate field 'port'",
                "{\"port\": 1} x|not valid JSON",
                "[1]|not a JSON object",
                "{|not valid JSON",
                "''|not a JSON object",
            })
    void refusesInOneLineThatNamesFileKeyAndValue(String json, String expected) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("gateway.json")
                .hasMessageContaining(expected)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatThrownBy(() -> ConfigFile.apply(directory.resolve("none.json"), GatewayConfig.builder()))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("none.json");
    }

    @Test
    void refusesSettingsOutOfRangeByName() {
        assertThatThrownBy(() -> GatewayConfig.builder().port(70_000).build())
                .hasMessage("port is 70000; expected 0 to 65535");
        assertThatThrownBy(() -> GatewayConfig.builder().tlsKey(Path.of("k")).build())
                .hasMessage("tlsCertificate is null and tlsKey is k; expected both or neither");
        assertThatThrownBy(
                        () -> GatewayConfig.builder().tlsClientCa(Path.of("a")).build())
                .hasMessage("tlsClientCa is a without tlsCertificate; expected both");
        assertThatThrownBy(() -> GatewayConfig.builder().releases(Path.of("r")).build())
                .hasMessage("releases is r without trustedKeys; expected the keys that sign them");
        assertThatThrownBy(() -> GatewayConfig.builder()
                        .maxBatch(4)
                        .preferredBatches(List.of(8))
                        .build())
                .hasMessage("preferredBatches is 8; expected 2 to 4");
        assertThatThrownBy(
                        () -> GatewayConfig.builder().loadAtStart(List.of("a")).build())
                .hasMessageContaining("loadAtStart is [a] with loadMode polling");
        assertThatThrownBy(() -> GatewayConfig.builder()
                        .keepOldVersionsFor(Duration.ofDays(-1))
                        .build())
                .hasMessageContaining("keepOldVersionsFor is PT-24H");
        assertThatThrownBy(() -> GatewayConfig.builder()
                        .reconnectTime(Duration.ofSeconds(-1))
                        .build())
                .hasMessage("reconnectTime is PT-1S; expected 0 to PT8760H");
        assertThatThrownBy(() -> GatewayConfig.builder().adminPort(-2).build())
                .hasMessage("adminPort is -2; expected -1 to 65535");
        assertThatThrownBy(
                        () -> GatewayConfig.builder().drainGrace(Duration.ZERO).build())
                .hasMessageContaining("drainGrace is PT0S");
    }

    private static GatewayConfig set(String... keysAndValues) throws GatewayException {
        GatewayConfigBuilder builder = GatewayConfig.builder();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            ConfigFile.set(keysAndValues[i], keysAndValues[i + 1], builder);
        }
        return builder.build();
    }

    @Test
    void thePortInTheClearIsNoOtherPort() {
        assertThatThrownBy(() -> set("adminPort", "8502", "healthPort", "8502"))
                .hasMessage("healthPort is 8502, and so is adminPort; expected a port of its own");
    }

    @Test
    void takesSingleSettingsAsTheFileHasThemOrWithoutQuotes() throws Exception {
        GatewayConfig config = set(
                "maxBatch",
                "7",
                "loadMode",
                "explicit",
                "maxQueueDelay",
                "\"3ms\"",
                "mixedCuts",
                "never",
                "devices",
                "[\"1\", \"2\"]",
                "versionPolicies",
                "{\"m\": \"latest:2\"}",
                "concurrencyLimit",
                "off",
                "maxHeldBytes",
                "2G",
                "runLimit",
                "4s");
        assertThat(config.batching().maxBatch()).isEqualTo(7);
        assertThat(config.lifecycle().mode()).isEqualTo(LoadMode.EXPLICIT);
        assertThat(config.batching().maxQueueDelay()).isEqualTo(Duration.ofMillis(3));
        assertThat(config.batching().mixedCuts()).isEqualTo(MixedCuts.NEVER);
        assertThat(config.models().devices().ids()).isEqualTo(List.of("1", "2"));
        assertThat(config.lifecycle().policies()).isEqualTo(Map.of("m", VersionPolicy.latest(2)));
        assertThat(config.batching().concurrencyLimit()).isEqualTo(ConcurrencyLimit.OFF);
        assertThat(config.batching().maxHeldBytes()).isEqualTo(2L << 30);
        assertThat(config.models().runLimit()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void takesAStringThatLooksLikeANumber() throws Exception {
        assertThat(set("modelsDirectory", "2026").models().directory()).isEqualTo(Path.of("2026"));
        assertThat(set("versionPolicy", "3").lifecycle().policy()).isEqualTo(VersionPolicy.of("3"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "maxBach|7|--set has the unknown key \"maxBach\"; expected one of adminAddress, ",
                "maxBatch|seven|--set maxBatch: \"maxBatch\" is \"seven\"; expected a whole number",
                "maxBatch|7.5|--set maxBatch: \"maxBatch\" is 7.5; expected a whole number",
                "mixedCuts|true|--set mixedCuts: \"mixedCuts\" is true; expected a string",
                "devices|0|--set devices: \"devices\" is 0; expected a list of strings",
                "devices|[0|--set devices: \"devices\" is \"[0\"; expected a list of strings",
                "runLimit|''|--set runLimit: "
            })
    void refusesASingleSettingByItsName(String key, String value, String message) {
        assertThatThrownBy(() -> set(key, value))
                .isInstanceOf(GatewayException.class)
                .hasMessageStartingWith(message);
    }
}
