package dev.cleave.sample.screen;

import android.graphics.Bitmap;
import android.os.Handler;
import android.os.Looper;
import dev.cleave.sample.photo.PhotoDecoder;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * What a screen does with photos off the main thread, one thing after another. Owned by one screen: once it is closed nothing comes
 * back, so that nothing holds the screen.
 */
final class PhotoTasks implements AutoCloseable {
    /** Something that may go wrong. */
    interface Task {
        void run() throws IOException;
    }

    private final Handler main = new Handler(Looper.getMainLooper());
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> new Thread(task, "sample-photo"));
    private boolean closed;

    /** Runs a task, then one of the others on the main thread. */
    void run(Task task, Runnable done, Consumer<IOException> failed) {
        worker.execute(() -> {
            try {
                task.run();
                post(done);
            } catch (IOException failure) {
                post(() -> failed.accept(failure));
            }
        });
    }

    /** Decodes a photo for the screen. */
    void load(File photo, Consumer<Bitmap> done, Consumer<IOException> failed) {
        worker.execute(() -> {
            try {
                Bitmap bitmap = PhotoDecoder.upright(photo);
                post(() -> done.accept(bitmap));
            } catch (IOException failure) {
                post(() -> failed.accept(failure));
            }
        });
    }

    private void post(Runnable task) {
        main.post(() -> {
            if (!closed) {
                task.run();
            }
        });
    }

    /** On the main thread. */
    @Override
    public void close() {
        closed = true;
        worker.shutdown();
    }
}
