package dev.cleave.cli.trust;

import dev.cleave.bundle.Bundle;
import dev.cleave.crypto.SigningKey;
import dev.cleave.trust.BundleSigner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Signing what a verb writes. */
public final class SignOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(names = "--sign", paramLabel = "KEY", description = "Sign the bundle with this private key.")
    private Path keyFile;

    @Option(names = "--release", paramLabel = "N", description = "Release number in the signature, rising from 1.")
    private Long release;

    private SigningKey key;

    /** Reads the key, before the work whose result it signs. */
    public void prepare() throws IOException {
        if ((keyFile == null) != (release == null)) {
            throw new ParameterException(
                    verb.commandLine(), "--sign and --release go together; expected both or neither");
        }
        if (release != null && release < 1) {
            throw new ParameterException(verb.commandLine(), "--release " + release + ": expected at least 1");
        }
        key = keyFile == null ? null : SigningKey.read(keyFile);
    }

    /** Signs a bundle in place, if a key was given. */
    public void sign(Path bundle) throws IOException {
        if (key != null) {
            BundleSigner.sign(Bundle.open(bundle), List.of(key), release, bundle);
        }
    }
}
