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

    private BundleOpener(BundleTrust trust, KeyProvider keys) {
        this.trust = trust;
        this.keys = keys;
    }

    /**
     * Reads the files of the trusted keys.
     *
     * @throws GatewayException naming one that cannot be used
     */
    public static BundleOpener of(GatewayConfig.Trust settings) throws GatewayException {
        KeyProvider sealing = settings.bundleKeys() == null ? null : new SealingKeyFile(settings.bundleKeys());
        return new BundleOpener(trust(settings), sealing);
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

    /** @throws IOException by name if it cannot be read, or is not to be trusted */
    public Bundle open(Path file) throws IOException {
        Bundle bundle = keys == null ? Bundle.open(file) : Bundle.open(file, keys);
        if (trust != null) {
            trust.check(bundle);
        }
        return bundle;
    }

    /** From now on nothing older of this model is let through, if releases are remembered. */
    public void accepted(Bundle bundle) throws IOException {
        if (trust != null) {
            trust.accepted(bundle);
        }
    }
}
