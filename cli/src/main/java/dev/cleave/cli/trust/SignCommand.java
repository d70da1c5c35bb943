package dev.cleave.cli.trust;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import dev.cleave.crypto.SigningKey;
import dev.cleave.trust.BundleSigner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave sign}: vouches for a bundle. */
@Command(
        name = "sign",
        description = "Signs a bundle, so that agents and gateways that trust the key run it.",
        footer = {"", "Example:", "  cleave sign model.cleave --key release.key --release 7"})
public final class SignCommand extends Verb {
    @Parameters(paramLabel = "BUNDLE", description = "Any view; views made of a signed full bundle are signed, too.")
    private Path file;

    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE",
            description = "Private key, see cleave keygen. Several while keys are exchanged.")
    private List<Path> keys = new ArrayList<>();

    @Option(
            names = "--release",
            required = true,
            paramLabel = "N",
            description = "Number that rises with each release of the model: nobody goes back below one he accepted.")
    private long release;

    @Option(names = "-o", paramLabel = "FILE", description = "Where to write it. Default: in place.")
    private Path output;

    record Document(String bundle, String id, long release, int signatures) {}

    @Override
    protected void run(Terminal terminal) throws Exception {
        if (release < 1) {
            throw usage("--release " + release + ": expected at least 1");
        }
        List<SigningKey> signing = new ArrayList<>();
        for (Path key : keys) {
            signing.add(SigningKey.read(key));
        }
        Bundle bundle = Bundle.open(file);
        Path target = output == null ? file : output;
        BundleSigner.sign(bundle, signing, release, target);
        if (terminal.isJson()) {
            terminal.json().document(new Document(target.toString(), bundle.id(), release, signing.size()));
        } else {
            terminal.print(target + " is release " + release + " of "
                    + bundle.contract().modelName() + ", signed");
        }
    }
}
