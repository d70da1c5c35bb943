package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.io.FileInputStream;
import java.io.FileReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one {@link OrtEnvironment} of the process, made on a thread with a stack that is large enough.
 *
 * <p>While ONNX Runtime 1.29 makes its environment on Linux it matches {@code /proc/self/cmdline} against a
 * {@code std::regex}, whose matcher recurses for every character. A JVM with a class path of some kilobytes on its
 * command line overflows the usual stack of 1 MiB there, and dies without a word. So the stack grows with the command
 * line.
 */
final class NativeEnvironment {
    private static final long LEAST_STACK = 8L << 20;
    private static final long STACK_PER_CHARACTER = 1024;
    /** What Linux lets a command line be, within reason; longer ones count as this long. */
    private static final int MOST_CHARACTERS = 1 << 19;

    private static final AtomicBoolean TIDIED = new AtomicBoolean();

    private NativeEnvironment() {}

    /**
     * Makes the environment, or returns the one that is there.
     *
     * <p>Every error also comes as an exception, whose one line is ours to print, so the native logger says nothing but
     * that the process is about to die.
     */
    static OrtEnvironment get() throws OrtException {
        FutureTask<OrtEnvironment> making = new FutureTask<>(() -> {
            OrtEnvironment environment =
                    OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, OrtEnvironment.DEFAULT_NAME);
            environment.setTelemetry(false);
            tidyUp();
            return environment;
        });
        new Thread(null, making, "cleave-ort-environment", stackSize()).start();
        return await(making);
    }

    /** Waits without being interrupted, as making an environment is quick and cannot be undone. */
    private static OrtEnvironment await(FutureTask<OrtEnvironment> making) throws OrtException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return making.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof OrtException) {
                throw (OrtException) cause;
            }
            if (cause instanceof Error) {
                throw (Error) cause;
            }
            throw new IllegalStateException(cause);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void tidyUp() {
        if (TIDIED.compareAndSet(false, true)) {
            try (Reader maps = new FileReader("/proc/self/maps")) {
                ExtractedLibraries.deleteMapped(maps);
            } catch (IOException notLinux) {
                // Then the files stay until the process ends, as ONNX Runtime has it.
                return;
            }
        }
    }

    private static long stackSize() {
        int characters = 0;
        try (InputStream commandLine = new FileInputStream("/proc/self/cmdline")) {
            byte[] buffer = new byte[8192];
            int count = commandLine.read(buffer);
            while (count > 0 && characters < MOST_CHARACTERS) {
                characters += count;
                count = commandLine.read(buffer);
            }
        } catch (IOException notLinux) {
            return LEAST_STACK;
        }
        return LEAST_STACK + characters * STACK_PER_CHARACTER;
    }
}
