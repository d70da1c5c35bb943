package dev.cleave.cli.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.TinyBundle;
import dev.cleave.cli.CommandRun;
import dev.cleave.crypto.SealingKeyFile;
import dev.cleave.crypto.VerifyingKey;
import dev.cleave.trust.BundleTrust;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignCommandTest {
    @TempDir
    Path folder;

    private static CommandRun run(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return CommandRun.of(texts);
    }

    private static void assertDone(CommandRun run) {
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void signsInPlaceWithANewKey() throws Exception {
        Path bundle = TinyBundle.writeTo(folder);
        Path key = folder.resolve("release.key");
        assertDone(run("keygen", folder.resolve("release")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        CommandRun signed = run("sign", bundle, "--key", key, "--release", 7);
        assertDone(signed);
        assertThat(signed.out()).contains("is release 7 of tiny, signed");
        BundleTrust trust = BundleTrust.of(VerifyingKey.read(folder.resolve("release.pub")));
        trust.check(Bundle.open(bundle));
    }

    @Test
    void keepsTheOriginalWhereAnotherFileIsNamed() throws Exception {
        Path bundle = TinyBundle.writeTo(folder);
        Path copy = folder.resolve("signed.cleave");
        assertDone(run("keygen", folder.resolve("release")));
        assertDone(run("sign", bundle, "--key", folder.resolve("release.key"), "--release", 1, "-o", copy));
        assertThat(Bundle.open(bundle).signature()).isNull();
        assertThat(Bundle.open(copy).signature().release()).isEqualTo(1);
    }

    @Test
    void sealsWithANewKey() throws Exception {
        Path bundle = TinyBundle.writeTo(folder);
        Path sealed = folder.resolve("sealed.cleave");
        assertDone(run("keygen", folder.resolve("fleet"), "--sealing", "fleet-1"));
        Path key = folder.resolve("fleet.key");
        assertDone(run("seal", bundle, "--key", key, "--key-name", "fleet-1", "-o", sealed));
        assertThat(Bundle.open(sealed, new SealingKeyFile(key)).id())
                .isEqualTo(Bundle.open(bundle).id());
        CommandRun refused = run("infer", sealed, "--random", 1);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("is sealed with key \"fleet-1\"; expected that key");
        CommandRun onItself = run("seal", bundle, "--key", key, "--key-name", "fleet-1", "-o", bundle);
        assertThat(onItself.err()).contains("is the bundle itself; expected a file of its own");
        CommandRun unknown = run("seal", bundle, "--key", key, "--key-name", "other", "-o", sealed);
        assertThat(unknown.err()).contains("holds no key \"other\"");
    }

    @Test
    void overwritesNoKey() throws Exception {
        assertDone(run("keygen", folder.resolve("release")));
        Path secret = folder.resolve("release.key");
        byte[] before = Files.readAllBytes(secret);
        CommandRun again = run("keygen", folder.resolve("release"));
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("release.pub exists; expected a new file");
        Files.delete(folder.resolve("release.pub"));
        CommandRun once = run("keygen", folder.resolve("release"));
        assertThat(once.err()).contains("release.key exists; expected a new file");
        assertThat(secret).hasBinaryContent(before);
    }

    @Test
    void refusesWhatIsNoKeyAndNoRelease() throws Exception {
        Path bundle = TinyBundle.writeTo(folder);
        CommandRun noKey = run("sign", bundle, "--key", bundle, "--release", 1);
        assertThat(noKey.exitCode()).isEqualTo(1);
        assertThat(noKey.err()).contains("is no Ed25519 private key; expected PEM");
        assertThat(run("sign", bundle, "--key", bundle, "--release", 0).err())
                .contains("--release 0: expected at least 1");
        assertThat(run("split", "m.onnx", "-o", "m.cleave", "--sign", "k").exitCode())
                .isNotZero();
        assertThat(run("infer", bundle, "--releases", folder).err()).contains("--releases without --trust-key FILE");
    }
}
