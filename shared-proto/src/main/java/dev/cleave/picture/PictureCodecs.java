package dev.cleave.picture;

import java.util.Iterator;
import java.util.ServiceLoader;

/** Finds the platform's picture codec on the class path. */
public final class PictureCodecs {
    private PictureCodecs() {}

    /** The first one found, or null if there is none: then only packed RGB can be read. */
    public static PictureCodec find() {
        Iterator<PictureCodec> found = ServiceLoader.load(PictureCodec.class, PictureCodec.class.getClassLoader())
                .iterator();
        return found.hasNext() ? found.next() : null;
    }
}
