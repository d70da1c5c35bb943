package dev.cleave.bundle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** What is read out of a sealed bundle; says by name that it cannot be. Not thread-safe. */
final class UnsealedChannel implements SeekableByteChannel {
    private final SeekableByteChannel plain;
    private final String keyName;

    UnsealedChannel(SeekableByteChannel plain, String keyName) {
        this.plain = plain;
        this.keyName = keyName;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        try {
            return plain.read(into);
        } catch (IOException e) {
            throw new BundleException(
                    "cannot be unsealed with key \"" + keyName + "\": it was sealed with another one, or changed since",
                    e);
        }
    }

    @Override
    public long position() throws IOException {
        return plain.position();
    }

    @Override
    public SeekableByteChannel position(long to) throws IOException {
        plain.position(to);
        return this;
    }

    @Override
    public long size() throws IOException {
        return plain.size();
    }

    @Override
    public boolean isOpen() {
        return plain.isOpen();
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long to) {
        throw new NonWritableChannelException();
    }
}
