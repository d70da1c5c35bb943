package dev.cleave.cli.trust;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import dev.cleave.crypto.Cryptographies;
import dev.cleave.crypto.SealingKeyFile;
import dev.cleave.crypto.SigningKey;
import dev.cleave.crypto.VerifyingKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave keygen}: a new key to sign bundles with, or to seal them. */
@Command(
        name = "keygen",
        description = "Makes a key to sign bundles with: PREFIX.key, the secret, and PREFIX.pub for those who check;"
                + " or with --sealing one to encrypt them.",
        footer = {"", "Example:", "  cleave keygen release"})
public final class KeygenCommand extends Verb {
    @Parameters(paramLabel = "PREFIX", description = "Path of the two files, without .key and .pub.")
    private Path prefix;

    @Option(
            names = "--sealing",
            paramLabel = "NAME",
            description = "Make a key of this name for cleave seal instead, in PREFIX.key.")
    private String sealing;

    record Document(String privateKey, String publicKey, String key) {}

    @Override
    protected void run(Terminal terminal) throws Exception {
        if (prefix.getFileName() == null) {
            throw usage("PREFIX " + prefix + ": expected the path of files to be, such as release");
        }
        Path secret = prefix.resolveSibling(prefix.getFileName() + ".key");
        if (sealing != null) {
            sealingKey(secret, terminal);
            return;
        }
        Path open = prefix.resolveSibling(prefix.getFileName() + ".pub");
        if (Files.exists(open)) {
            throw new UserException(open + " exists; expected a new file");
        }
        SigningKey key = SigningKey.generate(new SecureRandom());
        VerifyingKey publicKey = key.verifyingKey(Cryptographies.find());
        SecretFile.write(secret, key.pem());
        Files.writeString(open, publicKey.pem());
        if (terminal.isJson()) {
            terminal.json().document(new Document(secret.toString(), open.toString(), publicKey.hex()));
        } else {
            terminal.print("key " + publicKey.hex().substring(0, 16) + ": " + secret + " signs, " + open + " checks");
        }
    }

    private void sealingKey(Path file, Terminal terminal) throws Exception {
        if (!sealing.matches("[!-~]{1,55}") || sealing.startsWith("#")) {
            throw usage("--sealing \"" + sealing + "\": expected 1 to 55 printable ASCII characters without spaces");
        }
        SecretFile.write(file, SealingKeyFile.newLine(sealing, new SecureRandom()));
        if (terminal.isJson()) {
            terminal.json().document(new Document(file.toString(), null, sealing));
        } else {
            terminal.print("key \"" + sealing + "\": " + file + " seals and opens");
        }
    }
}
