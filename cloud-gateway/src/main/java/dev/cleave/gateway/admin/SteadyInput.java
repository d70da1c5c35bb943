package dev.cleave.gateway.admin;

import dev.cleave.gateway.config.Patience;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/** A body that is waited for, which fails by name where it comes so slowly that its sender wants nothing but that. */
final class SteadyInput extends FilterInputStream {
    private final Patience patience;
    private final LongSupplier clock;
    private final long startedNanos;
    private long bytes;

    SteadyInput(InputStream body, Patience patience, LongSupplier clock) {
        super(body);
        this.patience = patience;
        this.clock = clock;
        this.startedNanos = clock.getAsLong();
    }

    @Override
    public int read() throws IOException {
        return came(super.read(), 1);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        return came(read, read);
    }

    private int came(int result, int more) throws IOException {
        if (result >= 0) {
            bytes += more;
            if (patience.isOver(clock.getAsLong() - startedNanos, bytes)) {
                throw new IOException("body came slowly, " + bytes + " bytes so far; expected " + patience.describe());
            }
        }
        return result;
    }
}
