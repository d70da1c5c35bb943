package dev.cleave.sample;

import static org.robolectric.Shadows.shadowOf;

import android.os.Looper;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for other threads while the main thread, which is the test's, goes on with what they post to it. */
public final class Patience {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private Patience() {}

    /** Looks until a condition holds, or fails with its description. */
    public static void until(String description, BooleanSupplier condition) {
        until(() -> description, condition);
    }

    /** The same with a description of how it is when there is no more patience. */
    public static void until(Supplier<String> description, BooleanSupplier condition) {
        long start = System.nanoTime();
        shadowOf(Looper.getMainLooper()).idle();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                throw new AssertionError("not so in time: " + description.get());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            shadowOf(Looper.getMainLooper()).idle();
        }
    }
}
