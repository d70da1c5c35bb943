package dev.cleave.sample.screen;

import static org.assertj.core.api.Assertions.assertThat;

import android.app.Activity;
import android.graphics.Bitmap;
import android.os.Handler;
import android.os.Looper;
import android.view.PixelCopy;
import android.view.View;
import android.view.ViewGroup;
import dev.cleave.sample.Patience;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A screen as it is drawn, and the views that are on it. */
final class Screenshot {
    private Screenshot() {}

    /** Draws a screen into a PNG file below the build's folder. */
    static Bitmap save(Activity screen, String name) throws IOException {
        View window = screen.getWindow().getDecorView();
        Bitmap bitmap = Bitmap.createBitmap(window.getWidth(), window.getHeight(), Bitmap.Config.ARGB_8888);
        AtomicInteger copied = new AtomicInteger(-1);
        PixelCopy.request(screen.getWindow(), bitmap, copied::set, new Handler(Looper.getMainLooper()));
        Patience.until("the screen is drawn", () -> copied.get() >= 0);
        assertThat(copied).hasValue(PixelCopy.SUCCESS);
        Path folder = Files.createDirectories(Path.of(System.getProperty("sample.screens")));
        try (OutputStream file = Files.newOutputStream(folder.resolve(name + ".png"))) {
            bitmap.compress(Bitmap.CompressFormat.PNG, 100, file);
        }
        return bitmap;
    }

    /** Every view that can be seen, or scrolled to. */
    static List<View> visibleViews(Activity screen) {
        List<View> views = new ArrayList<>();
        collect(screen.findViewById(android.R.id.content), views);
        return views;
    }

    private static void collect(View view, List<View> views) {
        if (view.getVisibility() != View.VISIBLE) {
            return;
        }
        views.add(view);
        if (view instanceof ViewGroup group) {
            for (int i = 0; i < group.getChildCount(); i++) {
                collect(group.getChildAt(i), views);
            }
        }
    }
}
