package dev.cleave.sample.photo;

import android.content.Context;
import android.net.Uri;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;

/**
 * The app's own copy of the photo that is asked about, in its cache: a permission to read somebody else's may end with the process.
 * There is one at a time, whole or not at all.
 */
public final class PhotoFile {
    /** No photo is longer; what goes on for ever is. */
    static final long MOST_BYTES = 64L << 20;

    private static final String FOLDER = "photo";

    private PhotoFile() {}

    /** Where the photo is; it may not be there. */
    public static File current(Context context) {
        return new File(folder(context), "current");
    }

    /** Where the camera app puts what it has taken. */
    static File taken(Context context) {
        return new File(folder(context), "taken.jpg");
    }

    private static File folder(Context context) {
        return new File(context.getCacheDir(), FOLDER);
    }

    /**
     * Copies what was picked. Not for the main thread.
     *
     * @throws IOException if it cannot be read, or has more than 64 MiB; one line
     */
    public static void copy(Context context, Uri picked) throws IOException {
        File part = part(context);
        try (InputStream in = context.getContentResolver().openInputStream(picked);
                OutputStream out = new FileOutputStream(part)) {
            if (in == null) {
                throw new FileNotFoundException(picked + " cannot be read");
            }
            copy(in, out, picked);
            move(part, current(context));
        } catch (SecurityException refused) {
            throw new IOException(picked + " must not be read by this app", refused);
        } finally {
            Files.deleteIfExists(part.toPath());
        }
    }

    /** Each copy has its own: a screen that was turned begins anew while the former still copies. */
    private static File part(Context context) throws IOException {
        return File.createTempFile("part", null, ensure(folder(context)));
    }

    private static void copy(InputStream in, OutputStream out, Uri picked) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            total += read;
            if (total > MOST_BYTES) {
                throw new IOException(picked + " has more than " + MOST_BYTES + " bytes; expected a photo");
            }
            out.write(buffer, 0, read);
        }
    }

    /** To be called before the camera app is, so that nothing older is taken for what it leaves. */
    public static void expectTaken(Context context) {
        File taken = taken(context);
        if (taken.exists() && !taken.delete()) {
            throw new IllegalStateException(taken + " cannot be removed");
        }
    }

    /** Takes what the camera app has put down; doing it again does no harm. */
    public static void adoptTaken(Context context) throws IOException {
        File taken = taken(context);
        if (taken.length() == 0) {
            throw new FileNotFoundException("the camera left no photo");
        }
        File part = part(context);
        try {
            Files.copy(taken.toPath(), part.toPath(), StandardCopyOption.REPLACE_EXISTING);
            move(part, current(context));
        } finally {
            Files.deleteIfExists(part.toPath());
        }
    }

    private static void move(File from, File to) throws IOException {
        Files.move(from.toPath(), to.toPath(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    static File ensure(File folder) throws IOException {
        Files.createDirectories(folder.toPath());
        return folder;
    }
}
