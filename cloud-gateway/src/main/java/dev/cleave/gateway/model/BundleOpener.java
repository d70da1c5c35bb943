package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.crypto.KeyProvider;
import dev.cleave.crypto.SealingKeyFile;
import dev.cleave.crypto.VerifyingKey;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens bundles, sealed ones too, and lets through only those to be trusted. Immutable. */
public final class BundleOpener {
    private final BundleTrust trust;
    private final KeyProvider keys;
    private final Path keyFile;

    private BundleOpener(BundleTrust trust, Path keyFile) {
        this.trust = trust;
        this.keys = keyFile == null ? null : new SealingKeyFile(keyFile);
        this.keyFile = keyFile;
    }

    /**
     * Reads the files of the trusted keys.
     *
     * @throws GatewayException naming one that cannot be used
     */
    public static BundleOpener of(GatewayConfig.Trust settings) throws GatewayException {
        return new BundleOpener(trust(settings), settings.bundleKeys());
    }

    private static BundleTrust trust(GatewayConfig.Trust settings) throws GatewayException {
        if (settings.keys().isEmpty()) {
            return null;
        }
        List<VerifyingKey> keys = new ArrayList<>();
        try {
            for (Path file : settings.keys()) {
                keys.add(VerifyingKey.read(file));
            }
        } catch (IOException e) {
            throw new GatewayException("trusted key " + e.getMessage(), e);
        }
        BundleTrust trust = BundleTrust.of(keys);
        return settings.releases() == null ? trust : trust.rememberingReleasesIn(settings.releases());
    }

    /** File of the keys that sealed bundles are opened with; null: there is none. */
    public Path keys() {
        return keyFile;
    }

    /** @throws IOException by name if it cannot be read, or is not to be trusted */
    public Bundle open(Path file) throws IOException {
        Bundle bundle = keys == null ? Bundle.open(file) : Bundle.open(file, keys);
        if (trust != null) {
            trust.check(bundle);
        }
        return bundle;
    }

    /**
     * A plain model has no signature.
     *
     * @throws IOException if only what a trusted key signed is to be served
     */
    public void requireUnsignedServed(String file) throws IOException {
        if (trust != null) {
            throw new IOException(file + " is not signed, as no plain ONNX model is; expected a bundle that one of"
                    + " trustedKeys signed");
        }
    }

    /** From now on nothing older of this model is let through, if releases are remembered. */
    public void accepted(ModelSource source) throws IOException {
        if (trust != null && source instanceof BundleSource bundled) {
            trust.accepted(bundled.bundle());
        }
    }
}
