package dev.cleave.cli.trust;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.SealedBundle;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import dev.cleave.crypto.SealingKeyFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave seal}: a bundle that only those read who have the key. */
@Command(
        name = "seal",
        description = "Encrypts a bundle for devices that may be stolen. They decrypt it into memory, never to a disk.",
        footer = {"", "Example:", "  cleave seal model.cleave --key fleet.key --key-name fleet -o sealed.cleave"})
public final class SealCommand extends Verb {
    @Parameters(paramLabel = "BUNDLE", description = "Any view. Sign it before it is sealed.")
    private Path file;

    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE",
            description = "File of keys, see cleave keygen --sealing.")
    private Path keys;

    @Option(names = "--key-name", required = true, paramLabel = "NAME", description = "Which of them.")
    private String name;

    @Option(names = "-o", required = true, paramLabel = "FILE", description = "The sealed bundle to write.")
    private Path output;

    record Document(String bundle, String id, String key) {}

    @Override
    protected void run(Terminal terminal) throws Exception {
        Bundle bundle = Bundle.open(file);
        if (Files.exists(output) && Files.isSameFile(file, output)) {
            throw new UserException("-o " + output + ": is the bundle itself; expected a file of its own");
        }
        byte[] key = new SealingKeyFile(keys).key(name);
        try {
            SealedBundle.seal(file, name, key, output);
        } catch (IllegalArgumentException refused) {
            throw usage("--key-name: " + refused.getMessage());
        } finally {
            Arrays.fill(key, (byte) 0);
        }
        if (terminal.isJson()) {
            terminal.json().document(new Document(output.toString(), bundle.id(), name));
        } else {
            terminal.print(output + " holds bundle " + bundle.id() + ", sealed with key \"" + name + "\"");
        }
    }
}
