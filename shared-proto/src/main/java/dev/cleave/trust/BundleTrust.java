package dev.cleave.trust;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.BundleSignature;
import dev.cleave.bundle.BundleSignature.Mark;
import dev.cleave.crypto.Cryptographies;
import dev.cleave.crypto.Cryptography;
import dev.cleave.crypto.Hex;
import dev.cleave.crypto.VerifyingKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * Which bundles are believed: those that carry a signature by one of the trusted keys. With a folder to remember releases
 * in, also none of a lower number than one that was {@link #accepted} before. Immutable; thread-safe.
 *
 * <pre>{@code
 * BundleTrust trust = BundleTrust.of(VerifyingKey.read(file)).rememberingReleasesIn(folder);
 * trust.check(bundle);      // refuses by name
 * ... it loads, it works ...
 * trust.accepted(bundle);   // from now on nothing older
 * }</pre>
 */
public final class BundleTrust {
    private final List<VerifyingKey> keys;
    private final ReleaseRecord releases;

    private BundleTrust(List<VerifyingKey> keys, ReleaseRecord releases) {
        this.keys = keys;
        this.releases = releases;
    }

    /** A signature by any of these will do. */
    public static BundleTrust of(VerifyingKey... keys) {
        return of(Arrays.asList(keys));
    }

    /** The same for a collection. */
    public static BundleTrust of(Collection<VerifyingKey> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("no key is trusted; expected at least one");
        }
        return new BundleTrust(Collections.unmodifiableList(new ArrayList<>(keys)), null);
    }

    /**
     * The same, refusing releases older than those accepted before.
     *
     * @param folder that only this application writes to; made when a release is accepted, if it is not there
     */
    public BundleTrust rememberingReleasesIn(Path folder) {
        return new BundleTrust(keys, new ReleaseRecord(folder));
    }

    /**
     * Checks an opened bundle. That each of its files has the digest which its contract names was checked when it was
     * opened; here that contract and manifest are those that were signed.
     *
     * @throws BundleException if it is not signed, by another key, with a signature that is not its own, or older than
     *     what was accepted before
     * @throws IOException if there is no cryptography on the class path, or what was remembered cannot be read
     */
    public void check(Bundle bundle) throws IOException {
        BundleSignature signature = bundle.signature();
        if (signature == null) {
            throw new BundleException(bundle.file() + " is not signed; expected a signature by " + expected());
        }
        requireTrustedMark(bundle, signature);
        if (releases != null) {
            long highest = releases.highest(bundle.contract().modelName());
            if (signature.release() < highest) {
                throw new BundleException(bundle.file() + " is release " + signature.release() + " of "
                        + bundle.contract().modelName() + ", and release " + highest
                        + " was accepted before; expected that one or a later one");
            }
        }
    }

    private void requireTrustedMark(Bundle bundle, BundleSignature signature) throws IOException {
        Cryptography cryptography = Cryptographies.find();
        byte[] statement = BundleSignature.statement(bundle.id(), bundle.manifestDigest(), signature.release());
        boolean known = false;
        for (Mark mark : signature.marks()) {
            if (keys.contains(mark.key())) {
                known = true;
                if (cryptography.verify(mark.key().bytes(), statement, Hex.parse(mark.signature()))) {
                    return;
                }
            }
        }
        throw new BundleException(
                known
                        ? bundle.file() + " has a signature that is not its own: the bundle was changed after it was"
                                + " signed, or the signature is of another one"
                        : bundle.file() + " is signed by " + names(signature) + "; expected a signature by "
                                + expected());
    }

    /** Remembers the release, if releases are remembered. To be called once the bundle is in use. */
    public void accepted(Bundle bundle) throws IOException {
        if (releases != null && bundle.signature() != null) {
            releases.raise(bundle.contract().modelName(), bundle.signature().release());
        }
    }

    private static String names(BundleSignature signature) {
        List<String> names = new ArrayList<>();
        for (Mark mark : signature.marks()) {
            names.add(name(mark.key()));
        }
        return String.join(", ", names);
    }

    private String expected() {
        List<String> names = new ArrayList<>();
        for (VerifyingKey key : keys) {
            names.add(name(key));
        }
        return String.join(" or ", names);
    }

    private static String name(VerifyingKey key) {
        return "key " + key.hex().substring(0, 16);
    }
}
