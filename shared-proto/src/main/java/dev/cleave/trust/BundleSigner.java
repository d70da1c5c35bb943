package dev.cleave.trust;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleSignature;
import dev.cleave.bundle.BundleSignature.Mark;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.crypto.Cryptographies;
import dev.cleave.crypto.Cryptography;
import dev.cleave.crypto.Hex;
import dev.cleave.crypto.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Signs bundles. */
public final class BundleSigner {
    private BundleSigner() {}

    /**
     * Writes a signed copy of a bundle; a signature that it has is replaced.
     *
     * @param keys at least one; several while devices are moved from one key to another
     * @param release above that of every release of this model before, or none of them is kept out by it
     * @param target may be the bundle's own file
     * @throws IOException if it cannot be signed or written
     */
    public static void sign(Bundle bundle, List<SigningKey> keys, long release, Path target) throws IOException {
        Cryptography cryptography = Cryptographies.find();
        byte[] statement = BundleSignature.statement(bundle.id(), bundle.manifestDigest(), release);
        List<Mark> marks = new ArrayList<>();
        for (SigningKey key : keys) {
            marks.add(new Mark(key.verifyingKey(cryptography), Hex.of(key.sign(statement, cryptography))));
        }
        BundleWriter.writeSigned(bundle, new BundleSignature(release, marks), target);
    }
}
