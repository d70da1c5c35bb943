package dev.cleave.gateway.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * A configuration file: one JSON object, whose keys are the names of {@link GatewayConfigBuilder}'s methods. Strict: a
 * key that is not known, or comes twice, or has a value of another kind is refused by name. The same settings can be given
 * one by one.
 */
public final class ConfigFile {
    private static final long MAX_BYTES = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Map<String, BiConsumer<GatewayConfigBuilder, Value>> KEYS = keys();

    private ConfigFile() {}

    /**
     * Applies a file's settings to a builder; what the file does not name stays as it is.
     *
     * @throws GatewayException naming the file, the key and the value
     */
    public static void apply(Path file, GatewayConfigBuilder builder) throws GatewayException {
        JsonNode root = read(file);
        if (root == null || !root.isObject()) {
            throw new GatewayException("configuration " + file + " is not a JSON object");
        }
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            BiConsumer<GatewayConfigBuilder, Value> setter = setter("configuration " + file, entry.getKey());
            try {
                setter.accept(builder, new Value(entry.getKey(), entry.getValue()));
            } catch (IllegalArgumentException e) {
                throw new GatewayException("configuration " + file + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Applies one setting to a builder.
     *
     * @param text the value as a file has it; a string may come without its quotes
     * @throws GatewayException naming the key and the value
     */
    public static void set(String key, String text, GatewayConfigBuilder builder) throws GatewayException {
        BiConsumer<GatewayConfigBuilder, Value> setter = setter("--set", key);
        JsonNode word = TextNode.valueOf(text);
        JsonNode value = parsed(text, word);
        try {
            setter.accept(builder, new Value(key, value));
        } catch (IllegalArgumentException asValue) {
            try {
                setter.accept(builder, new Value(key, word)); // A version policy of 3, a folder that is called 2026.
            } catch (IllegalArgumentException asWord) {
                String reason = value.isTextual() ? asWord.getMessage() : asValue.getMessage();
                throw new GatewayException("--set " + key + ": " + reason, asValue);
            }
        }
    }

    private static JsonNode parsed(String text, JsonNode otherwise) {
        try {
            JsonNode value = JSON.readTree(text);
            return value.isMissingNode() ? otherwise : value;
        } catch (JsonProcessingException e) {
            return otherwise;
        }
    }

    private static BiConsumer<GatewayConfigBuilder, Value> setter(String where, String key) throws GatewayException {
        BiConsumer<GatewayConfigBuilder, Value> setter = KEYS.get(key);
        if (setter == null) {
            throw new GatewayException(where + " has the unknown key \"" + key + "\"; expected one of "
                    + String.join(", ", KEYS.keySet()));
        }
        return setter;
    }

    private static JsonNode read(Path file) throws GatewayException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new GatewayException(
                        "configuration " + file + " has " + Files.size(file) + " bytes; expected at most " + MAX_BYTES);
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new GatewayException("configuration " + file + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (NoSuchFileException e) {
            throw new GatewayException("configuration " + file + ": no such file; expected settings as JSON", e);
        } catch (IOException e) {
            throw new GatewayException("configuration " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, BiConsumer<GatewayConfigBuilder, Value>> keys() {
        Map<String, BiConsumer<GatewayConfigBuilder, Value>> keys = new TreeMap<>();
        keys.put("port", (builder, value) -> builder.port(value.integer()));
        keys.put("httpPort", (builder, value) -> builder.httpPort(value.integer()));
        keys.put("modelsDirectory", (builder, value) -> builder.modelsDirectory(Path.of(value.text())));
        keys.put("providers", (builder, value) -> builder.providers(value.texts()));
        keys.put("devices", (builder, value) -> builder.devices(value.texts()));
        keys.put("deviceMemory", (builder, value) -> builder.deviceMemory(value.size()));
        keys.put("deviceFp16", (builder, value) -> builder.deviceFp16(value.bool()));
        keys.put("compiledDirectory", (builder, value) -> builder.compiledDirectory(Path.of(value.text())));
        keys.put("compiledBytes", (builder, value) -> builder.compiledBytes(value.size()));
        keys.put("threads", (builder, value) -> builder.threads(value.integer()));
        keys.put("executors", (builder, value) -> builder.executors(value.integer()));
        keys.put("runLimit", (builder, value) -> builder.runLimit(Quantity.duration(value.text())));
        keys.put("warmupRows", (builder, value) -> builder.warmupRows(value.integers()));
        keys.put("fp16", (builder, value) -> builder.fp16(HalfPrecision.of(value.text())));
        keys.put("trustedKeys", (builder, value) -> builder.trustedKeys(value.paths()));
        keys.put("releases", (builder, value) -> builder.releases(Path.of(value.text())));
        keys.put("bundleKeys", (builder, value) -> builder.bundleKeys(Path.of(value.text())));
        keys.put("maxBatch", (builder, value) -> builder.maxBatch(value.integer()));
        keys.put("preferredBatches", (builder, value) -> builder.preferredBatches(value.integers()));
        keys.put("maxQueueDelay", (builder, value) -> builder.maxQueueDelay(value.durationOrAuto()));
        keys.put("mixedCuts", (builder, value) -> builder.mixedCuts(MixedCuts.of(value.text())));
        keys.put("queueBound", (builder, value) -> builder.queueBound(value.integer()));
        keys.put("concurrencyLimit", (builder, value) -> builder.concurrencyLimit(ConcurrencyLimit.of(value.word())));
        keys.put("residenceTarget", (builder, value) -> builder.residenceTarget(Quantity.duration(value.text())));
        keys.put("maxBatchBytes", (builder, value) -> builder.maxBatchBytes(value.size()));
        keys.put("batchMemory", (builder, value) -> builder.batchMemory(value.size()));
        keys.put("maxHeldBytes", (builder, value) -> builder.maxHeldBytes(value.size()));
        keys.put("creditFrames", (builder, value) -> builder.creditFrames(value.integer()));
        keys.put("creditBytes", (builder, value) -> builder.creditBytes(value.size()));
        keys.put("maxFrameBytes", (builder, value) -> builder.maxFrameBytes(value.size()));
        keys.put("maxTensorBytes", (builder, value) -> builder.maxTensorBytes(value.size()));
        keys.put("chunkBytes", (builder, value) -> builder.chunkBytes(value.smallSize()));
        keys.put("reassemblyTime", (builder, value) -> builder.reassemblyTime(Quantity.duration(value.text())));
        keys.put("maxOutbound", (builder, value) -> builder.maxOutbound(value.integer()));
        keys.put("maxPerConnection", (builder, value) -> builder.maxPerConnection(value.integer()));
        keys.put("maxRequestBytes", (builder, value) -> builder.maxRequestBytes(value.size()));
        keys.put("maxConnections", (builder, value) -> builder.maxConnections(value.integer()));
        keys.put("maxHttpConnections", (builder, value) -> builder.maxHttpConnections(value.integer()));
        keys.put("tlsCertificate", (builder, value) -> builder.tlsCertificate(Path.of(value.text())));
        keys.put("tlsKey", (builder, value) -> builder.tlsKey(Path.of(value.text())));
        keys.put("tlsClientCa", (builder, value) -> builder.tlsClientCa(Path.of(value.text())));
        keys.put("tokens", (builder, value) -> builder.tokens(Path.of(value.text())));
        keys.put("reloadEvery", (builder, value) -> builder.reloadEvery(Quantity.duration(value.text())));
        keys.put("httpAddress", (builder, value) -> builder.httpAddress(value.text()));
        keys.put("healthPort", (builder, value) -> builder.healthPort(value.integer()));
        keys.put("maxReferenceBytes", (builder, value) -> builder.maxReferenceBytes(value.size()));
        keys.put("maxStateBytes", (builder, value) -> builder.maxStateBytes(value.size()));
        keys.put("loadMode", (builder, value) -> builder.loadMode(LoadMode.of(value.text())));
        keys.put("pollEvery", (builder, value) -> builder.pollEvery(Quantity.duration(value.text())));
        keys.put("loadAtStart", (builder, value) -> builder.loadAtStart(value.texts()));
        keys.put("versionPolicy", (builder, value) -> builder.versionPolicy(VersionPolicy.of(value.text())));
        keys.put(
                "versionPolicies",
                (builder, value) ->
                        value.entries().forEach((model, text) -> builder.versionPolicy(model, VersionPolicy.of(text))));
        keys.put("keepOldVersionsFor", (builder, value) -> builder.keepOldVersionsFor(Quantity.duration(value.text())));
        keys.put("reconnectTime", (builder, value) -> builder.reconnectTime(Quantity.duration(value.text())));
        keys.put("modelMemory", (builder, value) -> builder.modelMemory(value.size()));
        keys.put("stateDirectory", (builder, value) -> builder.stateDirectory(Path.of(value.text())));
        keys.put("tryModels", (builder, value) -> builder.tryModels(TryModels.of(value.text())));
        keys.put("tryLimit", (builder, value) -> builder.tryLimit(Quantity.duration(value.text())));
        keys.put("tryMemory", (builder, value) -> builder.tryMemory(value.size()));
        keys.put("adminPort", (builder, value) -> builder.adminPort(value.integer()));
        keys.put("adminAddress", (builder, value) -> builder.adminAddress(value.text()));
        keys.put("adminTokens", (builder, value) -> builder.adminTokens(Path.of(value.text())));
        keys.put("maxPushBytes", (builder, value) -> builder.maxPushBytes(value.size()));
        keys.put("drainGrace", (builder, value) -> builder.drainGrace(Quantity.duration(value.text())));
        return keys;
    }

    /** One value, converted to what its setting asks for. */
    private record Value(String key, JsonNode node) {
        int integer() {
            return integer(node);
        }

        String text() {
            require(node.isTextual(), "a string");
            return node.textValue();
        }

        /** A string, or a whole number as one. */
        String word() {
            return node.isIntegralNumber() ? node.asText() : text();
        }

        boolean bool() {
            require(node.isBoolean(), "true or false");
            return node.booleanValue();
        }

        /** Bytes, as a number or a string with a unit. */
        long size() {
            return node.canConvertToLong() && node.isIntegralNumber() ? node.longValue() : Quantity.bytes(text());
        }

        /** A time, or null for {@code auto}. */
        Duration durationOrAuto() {
            return text().equals("auto") ? null : Quantity.duration(text());
        }

        /** Bytes of something that one buffer holds. */
        int smallSize() {
            long size = size();
            require(size <= Integer.MAX_VALUE, "at most " + Integer.MAX_VALUE + " bytes");
            return (int) size;
        }

        List<Integer> integers() {
            List<Integer> values = new ArrayList<>();
            elements("numbers").forEachRemaining(element -> values.add(integer(element)));
            return values;
        }

        List<String> texts() {
            List<String> values = new ArrayList<>();
            elements("strings").forEachRemaining(element -> {
                require(element.isTextual(), "a list of strings");
                values.add(element.textValue());
            });
            return values;
        }

        /** An object whose values are strings. */
        Map<String, String> entries() {
            require(node.isObject(), "an object of strings");
            Map<String, String> values = new TreeMap<>();
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                require(entry.getValue().isTextual(), "an object of strings");
                values.put(entry.getKey(), entry.getValue().textValue());
            }
            return values;
        }

        List<Path> paths() {
            return texts().stream().map(Path::of).toList();
        }

        private Iterator<JsonNode> elements(String what) {
            require(node.isArray(), "a list of " + what);
            return node.elements();
        }

        private int integer(JsonNode number) {
            require(number.isIntegralNumber() && number.canConvertToInt(), "a whole number");
            return number.intValue();
        }

        private void require(boolean holds, String expectation) {
            if (!holds) {
                throw new IllegalArgumentException("\"" + key + "\" is " + node + "; expected " + expectation);
            }
        }
    }
}
