package dev.cleave.bundle;

import dev.cleave.bundle.zip.ZipIndex;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;

/**
 * An opened bundle file. Immutable and thread-safe; holds no open file: graphs are read when asked for, weights are
 * left to the engine, which maps them from the file. The file must stay as it is for as long as sessions use it.
 *
 * <p>docs/FORMATS.md, "Bundle", draws the file.
 */
public final class Bundle {
    private final Path file;
    private final byte[] contractBytes;
    private final String id;
    private final Contract contract;
    private final byte[] manifestBytes;
    private final Manifest manifest;
    private final BundleSignature signature;
    private final Map<String, ZipIndex.Entry> entries;
    private final Map<String, FileDigest> digests;

    Bundle(
            Path file,
            byte[] contractBytes,
            Contract contract,
            byte[] manifestBytes,
            Manifest manifest,
            BundleSignature signature,
            Map<String, ZipIndex.Entry> entries,
            Map<String, FileDigest> digests) {
        this.file = file;
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
        return BundleReader.open(file);
    }

    /**
     * The {@code location} by which graphs of a precision name their external weights; the key in
     * {@link GraphSource#weights()}.
     */
    public static String weightsLocation(String precision) {
        return BundlePath.weights(precision);
    }

    public Path file() {
        return file;
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

    /** Whether this file holds all segments for a device to finish alone. */
    public boolean offersLocal() {
        return edgeThrough() == contract.local();
    }

    /** Whether this view holds a graph, {@code segment-0}, {@code head-2}, {@code tail-1} or {@code whole}. */
    public boolean hasGraph(String precision, String graph) {
        return digests.containsKey(BundlePath.graph(precision, graph));
    }

    /**
     * A graph, ready for an engine, its weights by offset in this file.
     *
     * @throws BundleException if this view does not hold it, or the file has changed since it was opened
     */
    public GraphSource graph(String precision, String graph) throws BundleException {
        String path = BundlePath.graph(precision, graph);
        FileDigest digest = digests.get(path);
        if (digest == null) {
            throw new BundleException(file + " holds no " + BundleException.quote(path) + ": it is the "
                    + manifest.view().jsonName() + " view, heads through point " + edgeThrough() + " of "
                    + contract.local());
        }
        byte[] bytes = new byte[(int) digest.size()];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            BundleReader.readFully(channel, entries.get(path).dataOffset(), ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new BundleException(file + ": cannot read " + path + ": " + e.getMessage(), e);
        }
        if (!Sha256.hex(bytes).equals(digest.sha256())) {
            throw new BundleException(file + ": " + path + " has changed since the bundle was opened");
        }
        return new GraphSource(file + "!/" + path, bytes, weights(precision));
    }

    private Map<String, WeightsRegion> weights(String precision) {
        ZipIndex.Entry entry = entries.get(BundlePath.weights(precision));
        return entry == null
                ? Collections.emptyMap()
                : Collections.singletonMap(
                        weightsLocation(precision), new WeightsRegion(file, entry.dataOffset(), entry.size()));
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
        return file + " (" + manifest.view().jsonName() + " view of " + id + ")";
    }
}
