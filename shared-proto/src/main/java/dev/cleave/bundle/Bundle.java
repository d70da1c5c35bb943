package dev.cleave.bundle;

import dev.cleave.engine.GraphSource;
import java.nio.file.Path;

/**
 * An opened bundle file. Immutable and thread-safe; holds no open file: graphs are read when asked for, weights are
 * left to the engine, which maps them from the file. The file must stay as it is for as long as sessions use it.
 */
public final class Bundle {
    private Bundle() {}

    /**
     * Opens and checks a bundle: layout, contract, manifest, and the digest of every entry.
     *
     * @throws BundleException naming the entry and what is wrong with it
     */
    public static Bundle open(Path file) throws BundleException {
        throw new UnsupportedOperationException();
    }

    public Path file() {
        throw new UnsupportedOperationException();
    }

    /** SHA-256 of the contract's bytes, lower-case hex. */
    public String id() {
        throw new UnsupportedOperationException();
    }

    public Contract contract() {
        throw new UnsupportedOperationException();
    }

    public Manifest manifest() {
        throw new UnsupportedOperationException();
    }

    /** Whether this view holds a graph, {@code segment-0}, {@code head-2}, {@code tail-1} or {@code whole}. */
    public boolean hasGraph(String precision, String graph) {
        throw new UnsupportedOperationException();
    }

    /**
     * A graph, ready for an engine, its weights by offset in this file.
     *
     * @throws BundleException if this view does not hold it
     */
    public GraphSource graph(String precision, String graph) throws BundleException {
        throw new UnsupportedOperationException();
    }
}
