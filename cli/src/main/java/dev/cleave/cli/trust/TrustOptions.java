package dev.cleave.cli.trust;

import dev.cleave.bundle.Bundle;
import dev.cleave.crypto.SealingKeyFile;
import dev.cleave.crypto.VerifyingKey;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which bundles are believed, and what opens sealed ones; the same options for every verb that runs one. */
public final class TrustOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(
            names = "--trust-key",
            paramLabel = "FILE",
            description = "Run only bundles signed with this public key, see cleave keygen. Several: any of them.")
    private List<Path> keys = new ArrayList<>();

    @Option(
            names = "--releases",
            paramLabel = "DIR",
            description = "Remember here which releases ran, and run none that is older.")
    private Path releases;

    @Option(
            names = "--bundle-keys",
            paramLabel = "FILE",
            description = "Keys of sealed bundles, see cleave keygen --sealing.")
    private Path bundleKeys;

    /** @throws ParameterException for options that do not go together */
    public void check() {
        if (releases != null && keys.isEmpty()) {
            throw new ParameterException(
                    verb.commandLine(), "--releases without --trust-key FILE; expected the keys that sign them");
        }
    }

    /** Files of public keys; empty: any bundle is believed. */
    public List<Path> keys() {
        return keys;
    }

    /** Null: releases are not remembered. */
    public Path releases() {
        return releases;
    }

    /** File of the keys of sealed bundles; null: those are refused. */
    public Path bundleKeys() {
        return bundleKeys;
    }

    /** Opens a bundle that may be sealed, if keys were given. */
    public Bundle open(Path bundle) throws IOException {
        return bundleKeys == null ? Bundle.open(bundle) : Bundle.open(bundle, new SealingKeyFile(bundleKeys));
    }

    /** Null: any bundle is believed. */
    public BundleTrust trust() throws IOException {
        if (keys.isEmpty()) {
            return null;
        }
        List<VerifyingKey> read = new ArrayList<>();
        for (Path key : keys) {
            read.add(VerifyingKey.read(key));
        }
        BundleTrust trust = BundleTrust.of(read);
        return releases == null ? trust : trust.rememberingReleasesIn(releases);
    }
}
