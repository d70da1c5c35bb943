package dev.cleave.cli.failure;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;

/**
 * Standard output, whose failures would go unseen behind a writer: a result that nobody could read is not done. A reader
 * that has had enough ({@code | head -1}) is told nothing.
 */
public final class WatchedOutput extends OutputStream {
    private final OutputStream out;
    private IOException failure;

    public WatchedOutput(OutputStream out) {
        this.out = new BufferedOutputStream(out);
    }

    @Override
    public synchronized void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException refused) {
            throw noted(refused);
        }
    }

    @Override
    public synchronized void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException refused) {
            throw noted(refused);
        }
    }

    private IOException noted(IOException refused) {
        failure = failure == null ? refused : failure;
        return refused;
    }

    /** {@link ExitCodes#DONE} if everything was written; else {@link ExitCodes#FAILED}, and one line says why. */
    public synchronized int exitCode(PrintWriter err) {
        if (failure == null) {
            return ExitCodes.DONE;
        }
        if (!String.valueOf(failure.getMessage()).contains("Broken pipe")) {
            err.println("cleave: standard output cannot be written: " + failure.getMessage());
            err.flush();
        }
        return ExitCodes.FAILED;
    }
}
