package dev.cleave.bundle;

import dev.cleave.bundle.zip.ZipIndex;
import dev.cleave.bundle.zip.ZipWriter;
import dev.cleave.crypto.KeyProvider;
import java.io.EOFException;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.zip.CRC32;

/**
 * Opens a bundle file, strictly: first the zip's layout, then contract and manifest, then exactly the files that the
 * view must hold, each with its digest.
 *
 * <p>A file's SHA-256 stands in the contract, whose own SHA-256 is the id; that makes the CRC-32 of a zip redundant,
 * except for the manifest, which no digest covers: there, and for the contract, it is checked.
 */
final class BundleReader {
    static final int MAX_JSON_BYTES = 8 << 20;

    private static final int BUFFER = 1 << 16;
    private static final int MAX_ENTRIES = ContractRules.MAX_LIST + 3;

    /** What a bundle holds beside the contract's files. */
    private static final Set<String> OWN = Collections.unmodifiableSet(
            new HashSet<>(Arrays.asList(BundlePath.CONTRACT, BundlePath.MANIFEST, BundlePath.SIGNATURE)));

    private final Storage storage;
    private final SeekableByteChannel channel;
    private final Map<String, ZipIndex.Entry> entries;

    private BundleReader(Storage storage, SeekableByteChannel channel) throws IOException {
        this.storage = storage;
        this.channel = channel;
        this.entries = ZipIndex.read(channel, MAX_ENTRIES);
    }

    /** @param keys of sealed bundles; null: those are refused */
    static Bundle open(Path file, KeyProvider keys) throws BundleException {
        // A directory or a pipe could be opened, and would then fail obscurely or never.
        if (!Files.isRegularFile(file)) {
            throw new BundleException(
                    file + " is " + (Files.exists(file) ? "not a file" : "missing") + "; expected a bundle");
        }
        try {
            Storage storage = SealedBundle.storage(file, keys);
            try (SeekableByteChannel channel = storage.open()) {
                return new BundleReader(storage, channel).read();
            }
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            throw new BundleException(message.startsWith(file.toString()) ? message : file + ": " + message, e);
        }
    }

    private Bundle read() throws IOException {
        byte[] contractBytes = json(BundlePath.CONTRACT);
        Contract contract = ContractJson.read(contractBytes);
        byte[] manifestBytes = json(BundlePath.MANIFEST);
        Manifest manifest = ManifestJson.read(manifestBytes);
        boolean signed = entries.containsKey(BundlePath.SIGNATURE);
        BundleSignature signature = signed ? BundleSignature.read(json(BundlePath.SIGNATURE)) : null;
        PlanRules.check(manifest.plan(), contract);
        ReferenceRules.check(manifest.reference(), contract);
        HeadRules.check(manifest.heads(), contract);
        SortedMap<String, FileDigest> files = ViewFiles.of(contract, manifest.view(), manifest.edgeThrough());
        checkNames(files, manifest);
        for (FileDigest expected : files.values()) {
            checkLayout(expected);
        }
        for (FileDigest expected : files.values()) {
            checkDigest(expected);
        }
        return new Bundle(storage, contractBytes, contract, manifestBytes, manifest, signature, entries, files);
    }

    private byte[] json(String name) throws IOException {
        ZipIndex.Entry entry = entries.get(name);
        if (entry == null) {
            throw new BundleException("entry " + name + " is missing");
        }
        if (entry.size() > MAX_JSON_BYTES) {
            throw new BundleException(
                    "entry " + name + " has " + entry.size() + " bytes; expected at most " + MAX_JSON_BYTES);
        }
        checkAlignment(entry);
        byte[] bytes = new byte[(int) entry.size()];
        readFully(channel, entry.dataOffset(), ByteBuffer.wrap(bytes));
        CRC32 crc = new CRC32();
        crc.update(bytes);
        if (crc.getValue() != entry.crc()) {
            throw new BundleException("entry " + name + " does not have its checksum");
        }
        return bytes;
    }

    private void checkNames(SortedMap<String, FileDigest> files, Manifest manifest) throws BundleException {
        String view = "the " + manifest.view().jsonName() + " view"
                + (manifest.view() == View.EDGE ? " through point " + manifest.edgeThrough() : "");
        for (String path : files.keySet()) {
            if (!entries.containsKey(path)) {
                throw new BundleException("entry " + path + " is missing; " + view + " holds it");
            }
        }
        for (String name : entries.keySet()) {
            if (!OWN.contains(name) && !files.containsKey(name)) {
                throw new BundleException(
                        "entry " + BundleException.quote(name) + " is extra; " + view + " does not hold it");
            }
        }
    }

    private void checkLayout(FileDigest expected) throws BundleException {
        ZipIndex.Entry entry = entries.get(expected.path());
        if (entry.size() != expected.size()) {
            throw new BundleException(
                    "entry " + entry.name() + " has " + entry.size() + " bytes; expected " + expected.size());
        }
        checkAlignment(entry);
    }

    private static void checkAlignment(ZipIndex.Entry entry) throws BundleException {
        if (entry.size() > ZipWriter.ALIGNMENT && entry.dataOffset() % ZipWriter.ALIGNMENT != 0) {
            throw new BundleException("data of entry " + entry.name() + " starts at " + entry.dataOffset()
                    + "; expected a multiple of " + ZipWriter.ALIGNMENT);
        }
    }

    private void checkDigest(FileDigest expected) throws IOException {
        ZipIndex.Entry entry = entries.get(expected.path());
        MessageDigest digest = Sha256.start();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        long done = 0;
        while (done < entry.size()) {
            ((Buffer) buffer).clear();
            ((Buffer) buffer).limit((int) Math.min(BUFFER, entry.size() - done));
            readFully(channel, entry.dataOffset() + done, buffer);
            done += buffer.position();
            ((Buffer) buffer).flip();
            digest.update(buffer);
        }
        String sha256 = Sha256.finish(digest);
        if (!sha256.equals(expected.sha256())) {
            throw new BundleException(
                    "entry " + entry.name() + " has SHA-256 " + sha256 + "; expected " + expected.sha256());
        }
    }

    /** Fills a buffer from a place in a file. */
    static void readFully(SeekableByteChannel channel, long offset, ByteBuffer into) throws IOException {
        channel.position(offset);
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new EOFException("file ends at " + channel.size() + " while it is read");
            }
        }
    }
}
