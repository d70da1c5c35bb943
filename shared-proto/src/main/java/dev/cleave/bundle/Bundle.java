package dev.cleave.bundle;

import dev.cleave.bundle.zip.ZipIndex;
import dev.cleave.crypto.KeyProvider;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * An opened bundle file. Immutable and thread-safe; holds no open file: graphs are read when asked for, weights are
 * left to the engine, which maps them from the file, or are decrypted into memory. The file must stay as it is for as long
 * as sessions use it.
 *
 * <p>docs/FORMATS.md, "Bundle", draws the file.
 */
public final class Bundle {
    private final Storage storage;
    /** Weights of a sealed bundle that were asked for; guarded by itself. */
    private final Map<String, ByteBuffer> held = new HashMap<>();

    private final byte[] contractBytes;
    private final String id;
    private final Contract contract;
    private final byte[] manifestBytes;
    private final Manifest manifest;
    private final BundleSignature signature;
    private final Map<String, ZipIndex.Entry> entries;
    private final Map<String, FileDigest> digests;

    Bundle(
            Storage storage,
            byte[] contractBytes,
            Contract contract,
            byte[] manifestBytes,
            Manifest manifest,
            BundleSignature signature,
            Map<String, ZipIndex.Entry> entries,
            Map<String, FileDigest> digests) {
        this.storage = storage;
        this.contractBytes = contractBytes;
        this.id = Sha256.hex(contractBytes);
        this.contract = contract;
        this.manifestBytes = manifestBytes;
        this.manifest = manifest;
        this.signature = signature;
        this.entries = entries;
        this.digests = digests;
    }

    /**
     * Opens and checks a bundle: layout, contract, manifest, and the digest of every entry. Reads the whole file once,
     * holds at most contract and manifest in memory.
     *
     * @throws BundleException naming the entry and what is wrong with it
     */
    public static Bundle open(Path file) throws BundleException {
        return BundleReader.open(file, null);
    }

    /**
     * Opens and checks a bundle that may be sealed. What it holds is decrypted into memory when it is asked for; nothing is
     * written. Weights stay in memory as long as this bundle or a session made of it; all graphs of a precision share them.
     *
     * @param keys asked for the key that the bundle names, now and whenever something is read
     * @throws BundleException naming the entry and what is wrong with it, or that the key is not the right one
     */
    public static Bundle open(Path file, KeyProvider keys) throws BundleException {
        return BundleReader.open(file, Objects.requireNonNull(keys, "keys"));
    }

    /**
     * The {@code location} by which graphs of a precision name their external weights; the key in
     * {@link GraphSource#weights()}.
     */
    public static String weightsLocation(String precision) {
        return BundlePath.weights(precision);
    }

    public Path file() {
        return storage.file();
    }

    /** Whether the file is encrypted. */
    public boolean isSealed() {
        return !storage.isPlain();
    }

    /** SHA-256 of the contract's bytes, lower-case hex. */
    public String id() {
        return id;
    }

    public Contract contract() {
        return contract;
    }

    public Manifest manifest() {
        return manifest;
    }

    /** Who vouches for this bundle, unchecked; null: nobody. */
    public BundleSignature signature() {
        return signature;
    }

    /**
     * SHA-256 of the manifest's bytes behind its view, lower-case hex: the same for all views of a bundle.
     *
     * @throws BundleException if the manifest is written in another way than this product writes it
     */
    public String manifestDigest() throws BundleException {
        return ManifestBytes.digest(manifestBytes);
    }

    public View view() {
        return manifest.view();
    }

    /** The last point whose head this file can run: k+1 if {@link #offersLocal}, 0 if it is a gateway's. */
    public int edgeThrough() {
        return manifest.edgeThrough();
    }

    /**
     * The last point whose head this file can run in a format: {@link #edgeThrough} in ONNX, at most that in another; 0
     * where it holds no such graph. Whatever the format, heads take and give the same tensors.
     */
    public int edgeThrough(GraphFormat format) {
        int through = 0;
        while (through < edgeThrough() && hasGraph(contract.edgePrecision(), "segment-" + through, format)) {
            through++;
        }
        return through;
    }

    /** Whether this file holds all segments for a device to finish alone. */
    public boolean offersLocal() {
        return edgeThrough() == contract.local();
    }

    /**
     * Whether this view holds a graph in ONNX: {@code segment-0}, {@code head-2}, {@code tail-1} or {@code whole}.
     */
    public boolean hasGraph(String precision, String graph) {
        return hasGraph(precision, graph, GraphFormat.ONNX);
    }

    /** Whether this view holds a graph in a format. */
    public boolean hasGraph(String precision, String graph, GraphFormat format) {
        return digests.containsKey(BundlePath.graph(precision, graph, format));
    }

    /**
     * A graph in ONNX, ready for an engine, its weights by offset in this file.
     *
     * @throws BundleException if this view does not hold it, or the file has changed since it was opened
     */
    public GraphSource graph(String precision, String graph) throws BundleException {
        return graph(precision, graph, GraphFormat.ONNX);
    }

    /**
     * A graph in a format, ready for an engine that reads it: ONNX's weights by offset in this file, those of TensorFlow
     * Lite inside the graph.
     *
     * @throws BundleException if this view does not hold it, or the file has changed since it was opened
     */
    public GraphSource graph(String precision, String graph, GraphFormat format) throws BundleException {
        String path = BundlePath.graph(precision, graph, format);
        FileDigest digest = digests.get(path);
        if (digest == null) {
            String heads = format == GraphFormat.ONNX ? "heads" : "." + format.extension() + " heads";
            throw new BundleException(file() + " holds no " + BundleException.quote(path) + ": it is the "
                    + manifest.view().jsonName() + " view, " + heads + " through point " + edgeThrough(format)
                    + " of " + contract.local());
        }
        byte[] bytes = new byte[(int) digest.size()];
        read(digest, ByteBuffer.wrap(bytes));
        String label = file() + "!/" + path;
        return format == GraphFormat.ONNX ? source(label, bytes, precision) : new GraphSource(label, bytes);
    }

    private GraphSource source(String label, byte[] graph, String precision) throws BundleException {
        String path = BundlePath.weights(precision);
        ZipIndex.Entry entry = entries.get(path);
        if (entry == null) {
            return new GraphSource(label, graph);
        }
        if (storage.isPlain()) {
            WeightsRegion region = new WeightsRegion(file(), entry.dataOffset(), entry.size());
            return new GraphSource(label, graph, Collections.singletonMap(weightsLocation(precision), region));
        }
        Map<String, ByteBuffer> weights = Collections.singletonMap(weightsLocation(precision), held(path));
        return new GraphSource(label, graph, Collections.emptyMap(), weights);
    }

    private ByteBuffer held(String path) throws BundleException {
        synchronized (held) {
            ByteBuffer bytes = held.get(path);
            if (bytes == null) {
                bytes = decrypted(digests.get(path));
                held.put(path, bytes);
            }
            return bytes;
        }
    }

    private ByteBuffer decrypted(FileDigest file) throws BundleException {
        if (file.size() > Integer.MAX_VALUE) {
            throw new BundleException(file() + ": " + file.path() + " has " + file.size()
                    + " bytes; a sealed bundle's are kept in memory, expected at most " + Integer.MAX_VALUE);
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) file.size());
        read(file, bytes);
        return bytes;
    }

    /** Fills a buffer with a file, checks its digest and rewinds it. */
    private void read(FileDigest file, ByteBuffer into) throws BundleException {
        try (SeekableByteChannel channel = storage.open()) {
            BundleReader.readFully(channel, entries.get(file.path()).dataOffset(), into);
        } catch (IOException e) {
            throw new BundleException(file() + ": cannot read " + file.path() + ": " + e.getMessage(), e);
        }
        ((Buffer) into).flip();
        MessageDigest digest = Sha256.start();
        digest.update(into.duplicate());
        if (!Sha256.finish(digest).equals(file.sha256())) {
            throw new BundleException(file() + ": " + file.path() + " has changed since the bundle was opened");
        }
    }

    /** An entry as it is, for a copy; the caller closes it. */
    InputStream open(ZipIndex.Entry entry) throws IOException {
        SeekableByteChannel channel = storage.open();
        channel.position(entry.dataOffset());
        return Channels.newInputStream(channel);
    }

    /** Shared, not to be changed. */
    byte[] contractBytes() {
        return contractBytes;
    }

    /** Shared, not to be changed. */
    byte[] manifestBytes() {
        return manifestBytes;
    }

    Collection<ZipIndex.Entry> entries() {
        return entries.values();
    }

    @Override
    public String toString() {
        return file() + " (" + manifest.view().jsonName() + " view of " + id + ")";
    }
}
