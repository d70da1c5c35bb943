package dev.cleave.sample.agent;

import android.content.Context;
import android.content.pm.PackageManager;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The bundle that the app runs, as a file, which is what an agent maps into memory.
 *
 * <p>A {@code model.cleave} in the app's folder on shared storage comes first, so that a developer tries another model with one
 * {@code adb push}. Else it is the one in the assets, copied to private storage when it is first needed and again after every
 * installation of the app.
 */
final class BundleFile {
    static final String NAME = "model.cleave";

    private static final String COPIES = "model-";

    private BundleFile() {}

    /** @throws IOException if there is none, or no room for it; one line */
    static Path find(Context context) throws IOException {
        File folder = context.getExternalFilesDir(null);
        if (folder != null && new File(folder, NAME).isFile()) {
            return new File(folder, NAME).toPath();
        }
        Path copy = context.getFilesDir().toPath().resolve(COPIES + installed(context) + ".cleave");
        if (!Files.exists(copy)) {
            removeCopies(context.getFilesDir());
            copyAsset(context, copy);
        }
        return copy;
    }

    /** Half a copy is never taken for a whole one. */
    private static void copyAsset(Context context, Path target) throws IOException {
        Path part = target.resolveSibling(NAME + ".part");
        try (InputStream asset = context.getAssets().open(NAME)) {
            Files.copy(asset, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileNotFoundException absent) {
            throw new FileNotFoundException(
                    "no " + NAME + " among the app's assets; expected the output of cleave split");
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void removeCopies(File folder) throws IOException {
        File[] copies = folder.listFiles((in, name) -> name.startsWith(COPIES));
        for (File copy : copies == null ? new File[0] : copies) {
            Files.delete(copy.toPath());
        }
    }

    /** When the app was installed or updated, in milliseconds since 1970. */
    private static long installed(Context context) {
        try {
            return context.getPackageManager().getPackageInfo(context.getPackageName(), 0).lastUpdateTime;
        } catch (PackageManager.NameNotFoundException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
