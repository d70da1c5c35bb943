package dev.cleave.bundle;

import dev.cleave.bundle.zip.ZipIndex;
import dev.cleave.bundle.zip.ZipWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;

/**
 * Writes bundle files: the contract, where to find its files, then one {@link #write} for each view that is wanted.
 * Equal content gives equal bytes. Not thread-safe.
 *
 * <p>Entries are stored: {@code contract.json}, {@code manifest.json}, {@code signature.json} of a signed bundle, then the
 * view's files by path. What a file must
 * hold is said by the contract, and checked while it is copied. A target appears whole or not at all.
 */
public final class BundleWriter {
    private final byte[] contractBytes;
    private final Contract contract;
    private final Map<String, Content> contents = new HashMap<>();

    /** Where the bytes of a file come from. */
    private interface Content {
        long size() throws IOException;

        InputStream open() throws IOException;
    }

    /** @throws BundleException if the contract contradicts itself */
    public BundleWriter(Contract contract) throws BundleException {
        this(ContractJson.write(contract), contract);
    }

    private BundleWriter(byte[] contractBytes, Contract contract) {
        this.contractBytes = contractBytes;
        this.contract = contract;
    }

    /** The id of the bundle files that this writes. */
    public String id() {
        return Sha256.hex(contractBytes);
    }

    /** Gives a file of the contract from memory; the bytes are shared. */
    public BundleWriter file(String path, byte[] bytes) {
        contents.put(path, new Content() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        });
        return this;
    }

    /** Gives a file of the contract from disk, read while a bundle is written. */
    public BundleWriter file(String path, Path file) {
        contents.put(path, new Content() {
            @Override
            public long size() throws IOException {
                return Files.size(file);
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }
        });
        return this;
    }

    private void entry(ZipIndex.Entry entry, Bundle bundle) {
        contents.put(entry.name(), new Content() {
            @Override
            public long size() {
                return entry.size();
            }

            @Override
            public InputStream open() throws IOException {
                return bundle.open(entry);
            }
        });
    }

    /**
     * Writes the view that a manifest tells, replacing the target if there is one.
     *
     * @throws BundleException if a file that the view holds was not given, or differs from the contract's digest, or if the
     *     manifest could not be read back or does not go with the contract
     * @throws IOException if it cannot be written; the target is then as it was
     */
    public void write(Manifest manifest, Path target) throws IOException {
        write(ManifestJson.write(manifest), null, target);
    }

    /** @param signature null: none */
    private void write(byte[] manifestBytes, BundleSignature signature, Path target) throws IOException {
        Manifest manifest = ManifestJson.read(manifestBytes);
        SortedMap<String, FileDigest> files = ViewFiles.of(contract, manifest.view(), manifest.edgeThrough());
        PlanRules.check(manifest.plan(), contract);
        ReferenceRules.check(manifest.reference(), contract);
        HeadRules.check(manifest.heads(), contract);
        requireContents(files);
        requireReplaceable(target);
        Path part = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        // For a process that is told to end while it writes.
        part.toFile().deleteOnExit();
        try {
            try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeEntries(manifestBytes, signature, files, new ZipWriter(out));
                out.force(true);
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (BundleException named) {
            throw named;
        } catch (IOException failure) {
            throw new IOException(target + ": cannot be written: " + reason(failure), failure);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** A move would replace a device, too. */
    private static void requireReplaceable(Path target) throws IOException {
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IOException(target + ": is no ordinary file; expected one, or none yet");
        }
    }

    /** What happened to the temporary file, without its name. */
    private static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "its folder is not there, or takes no files";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        boolean ofFile = failure instanceof FileSystemException && ((FileSystemException) failure).getReason() != null;
        return ofFile ? ((FileSystemException) failure).getReason() : String.valueOf(failure.getMessage());
    }

    /** Sizes are those of whole files, also where a view holds a prefix; a copy of such a view has no more than that. */
    private void requireContents(SortedMap<String, FileDigest> held) throws IOException {
        for (FileDigest file : contract.files()) {
            if (!held.containsKey(file.path())) {
                continue;
            }
            Content content = contents.get(file.path());
            if (content == null) {
                throw new BundleException("file " + file.path() + " was not given; expected every file of the view");
            }
            long size = content.size();
            if (size != file.size() && size != held.get(file.path()).size()) {
                throw new BundleException("file " + file.path() + " has " + size + " bytes; expected " + file.size());
            }
        }
    }

    private void writeEntries(
            byte[] manifest, BundleSignature signature, SortedMap<String, FileDigest> files, ZipWriter zip)
            throws IOException {
        addJson(BundlePath.CONTRACT, contractBytes, zip);
        addJson(BundlePath.MANIFEST, manifest, zip);
        if (signature != null) {
            addJson(BundlePath.SIGNATURE, signature.write(), zip);
        }
        for (FileDigest file : files.values()) {
            MessageDigest digest = Sha256.start();
            try (InputStream in = contents.get(file.path()).open()) {
                zip.add(file.path(), file.size(), new DigestInputStream(in, digest));
            }
            String sha256 = Sha256.finish(digest);
            if (!sha256.equals(file.sha256())) {
                throw new BundleException("file " + file.path() + " of " + file.size() + " bytes has SHA-256 " + sha256
                        + "; expected " + file.sha256());
            }
        }
        zip.finish();
    }

    private static void addJson(String name, byte[] json, ZipWriter zip) throws IOException {
        if (json.length > BundleReader.MAX_JSON_BYTES) {
            throw new BundleException(
                    name + " has " + json.length + " bytes; expected at most " + BundleReader.MAX_JSON_BYTES);
        }
        zip.add(name, json.length, new ByteArrayInputStream(json));
    }

    /**
     * Writes another view of a full bundle: same contract, same id, and signed if that is.
     *
     * @param edgeThrough the last point whose head an edge view can run, 1..k+1; of no meaning for other views
     * @throws BundleException if the bundle is not full, or {@code edgeThrough} is out of range
     * @throws IOException if it cannot be written; the target is then as it was
     */
    public static void writeView(Bundle full, View view, int edgeThrough, Path target) throws IOException {
        if (full.manifest().view() != View.FULL) {
            throw new BundleException(full.file() + " is the "
                    + full.manifest().view().jsonName() + " view of a bundle; expected the full one");
        }
        int through = ViewFiles.through(full.contract(), view, edgeThrough);
        boolean signed = full.signature() != null;
        // A signature covers bytes that another release may write in another way.
        byte[] manifest = signed
                ? ManifestBytes.withView(full.manifestBytes(), view, through)
                : ManifestJson.write(full.manifest().withView(view, through));
        copyOf(full).write(manifest, full.signature(), target);
    }

    /**
     * Writes the same bundle, signed: every other byte of content stays.
     *
     * @param target may be the bundle's own file
     * @throws IOException if it cannot be written; the target is then as it was
     */
    public static void writeSigned(Bundle bundle, BundleSignature signature, Path target) throws IOException {
        copyOf(bundle).write(bundle.manifestBytes(), signature, target);
    }

    /** @throws BundleException for a sealed bundle, of which no copy in the clear may be left on a disk */
    private static BundleWriter copyOf(Bundle bundle) throws BundleException {
        if (bundle.isSealed()) {
            throw new BundleException(bundle.file() + " is sealed; expected a bundle in the clear, to be sealed again");
        }
        BundleWriter writer = new BundleWriter(bundle.contractBytes(), bundle.contract());
        for (ZipIndex.Entry entry : bundle.entries()) {
            writer.entry(entry, bundle);
        }
        return writer;
    }
}
