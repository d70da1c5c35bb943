package dev.cleave.gateway.grpc;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.model.OpenStream;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Error;
import dev.cleave.v1.Limits;
import dev.cleave.v1.Open;
import dev.cleave.v1.Opened;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Answers {@code Open}: which model, which entropy coder, which limits. Thread-safe. */
final class Handshake {
    private static final int MAX_DEVICE_ID_BYTES = 128;
    private static final long RETRY_ELSEWHERE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ModelRepository repository;
    private final GatewayConfig.Streams limits;
    private final BooleanSupplier draining;

    Handshake(ModelRepository repository, GatewayConfig.Streams limits, BooleanSupplier draining) {
        this.repository = repository;
        this.limits = limits;
        this.draining = draining;
    }

    /** The answer, and the model if it is not a refusal. */
    record Result(Opened opened, ServedModel model) {}

    /**
     * @param device whose stream it is; for it, there is no model that it may not use
     * @param stream is open for the model that this gives, until it says that it is closed
     */
    Result open(Open open, Device device, OpenStream stream) {
        if (open.getDeviceId().getBytes(StandardCharsets.UTF_8).length > MAX_DEVICE_ID_BYTES) {
            return refused(new Refusal(
                    Error.Code.LIMIT_EXCEEDED, "device_id is longer than " + MAX_DEVICE_ID_BYTES + " bytes"));
        }
        ServedModel model = repository.byBundleId(open.getBundleId());
        if (model == null || !device.mayUse(model.name())) {
            if (model != null) {
                device.deniedModel();
            }
            return refused(new Refusal(
                    Error.Code.BUNDLE_NOT_SERVED, BundleNames.notServed(open.getBundleId(), repository, device)));
        }
        if (model.bundle() == null) {
            return refused(new Refusal(
                    Error.Code.BUNDLE_NOT_SERVED, BundleNames.plain(model) + "; expected the id of a bundle"));
        }
        if (draining.getAsBoolean()) {
            return refused(new Refusal(
                    Error.Code.DRAINING, "gateway is shutting down and opens no stream", RETRY_ELSEWHERE_NANOS));
        }
        if (!model.open(stream)) {
            return refused(new Refusal(
                    Error.Code.DRAINING,
                    "model \"" + model.name() + "\" " + model.version() + " is being unloaded and opens no stream",
                    RETRY_ELSEWHERE_NANOS));
        }
        return new Result(granted(open, model), model);
    }

    private Opened granted(Open open, ServedModel model) {
        return Opened.newBuilder()
                .setEntropy(entropy(open).wireName())
                .setCredit(Credit.newBuilder().setFrames(limits.creditFrames()).setBytes(limits.creditBytes()))
                .setLimits(Limits.newBuilder()
                        .setMaxFrameBytes(limits.maxFrameBytes())
                        .setMaxChunkBytes(limits.chunkBytes())
                        .setMaxRows(model.maxRows()))
                .addAllPoints(model.points())
                .setGatewayVersion(GatewayVersion.text())
                .setProtocolMinor(GatewayVersion.PROTOCOL_MINOR)
                .setModelName(model.name())
                .setModelVersion(model.contract().modelVersion())
                .build();
    }

    /** Zstandard is the smaller one; plain symbols need no offer. */
    private static Entropy entropy(Open open) {
        return open.getEntropiesList().contains(Entropy.ZSTD.wireName()) ? Entropy.ZSTD : Entropy.NONE;
    }

    private static Result refused(Refusal refusal) {
        return new Result(Opened.newBuilder().setError(Replies.error(refusal)).build(), null);
    }
}
