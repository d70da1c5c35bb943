package dev.cleave.crypto;

import java.io.IOException;
import java.util.Iterator;
import java.util.ServiceLoader;

/** Finds the {@link Cryptography} on the class path. */
public final class Cryptographies {
    private Cryptographies() {}

    /** @throws IOException if there is none, which nothing signed or sealed can be opened without */
    public static Cryptography find() throws IOException {
        // The exact form that R8 recognises and replaces by direct instantiation.
        Iterator<Cryptography> found = ServiceLoader.load(Cryptography.class, Cryptography.class.getClassLoader())
                .iterator();
        if (!found.hasNext()) {
            throw new IOException("signatures and sealed bundles need a cryptography on the class path; expected the"
                    + " module cleave-sealing");
        }
        return found.next();
    }
}
