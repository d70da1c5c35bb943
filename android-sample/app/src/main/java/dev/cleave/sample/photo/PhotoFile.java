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
        File part = new File(ensure(folder(context)), "part");
        try (InputStream in = context.getContentResolver().openInputStream(picked);
                OutputStream out = new FileOutputStream(part)) {
            if (in == null) {
                throw new FileNotFoundException(picked + " cannot be read");
            }
            copy(in, out, picked);
        } catch (SecurityException refused) {
            throw new IOException(picked + " must not be read by this app", refused);
        }
        move(part, current(context));
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

    /** Takes what the camera app has put down. */
    public static void adoptTaken(Context context) throws IOException {
        File taken = taken(context);
        if (taken.length() == 0) {
            throw new FileNotFoundException("the camera left no photo");
        }
        move(taken, current(context));
    }

    private static void move(File from, File to) throws IOException {
        Files.move(from.toPath(), to.toPath(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    static File ensure(File folder) throws IOException {
        Files.createDirectories(folder.toPath());
        return folder;
    }
}
