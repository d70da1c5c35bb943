package dev.cleave.cli.daemon.watch;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.InputReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The folder, and where a file is on its way through it. Owns a lock on the folder, so that two processes do not answer
 * the same file.
 *
 * <pre>
 *   DIR/a.jpg --claim--> DIR/working/a.jpg --+--> DIR/done/a.jpg    DIR/done/a.jpg.json
 *        ^                    |              +--> DIR/failed/a.jpg  DIR/failed/a.jpg.json
 *        +---- give back -----+
 * </pre>
 *
 * <p>Every arrow is one rename, and the JSON is there, on the disk, before the file is beside it: whatever moment a
 * process dies at, the next one finds each file in one place, and in {@code working} with its JSON written or not. Names
 * that were used before get a number.
 */
final class WatchedFolder implements AutoCloseable {
    /** A file that belongs to this process. */
    record Claimed(Path file, Found asFound) {
        String name() {
            return file.getFileName().toString();
        }

        /** Whether somebody has gone on writing to it. */
        boolean hasChanged() throws IOException {
            return !found(file).equals(new Found(name(), asFound.bytes(), asFound.modifiedMillis()));
        }
    }

    /** A listing keeps no more than these; the others wait for their turn. */
    private static final int MOST_LISTED = 4096;

    private static final long STILL_WRITTEN_MILLIS = 10_000;

    private static final String JSON = ".json";
    private static final String LOCK = ".cleave-agent.lock";

    private final Path folder;
    private final Path working;
    private final Path done;
    private final Path failed;
    private final FileChannel lock;
    private String leftAlone;

    private WatchedFolder(Path folder, FileChannel lock) throws IOException {
        this.folder = folder;
        this.lock = lock;
        this.working = Files.createDirectories(folder.resolve("working"));
        this.done = Files.createDirectories(folder.resolve("done"));
        this.failed = Files.createDirectories(folder.resolve("failed"));
    }

    /** @throws UserException if there is no such folder, or another process watches it */
    static WatchedFolder open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new UserException(folder + ": is no folder; expected one to watch");
        }
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!isLocked(channel)) {
                throw new UserException(folder + ": is watched by another process; expected a folder of its own");
            }
            return new WatchedFolder(folder, channel);
        } catch (IOException | RuntimeException refused) {
            channel.close();
            throw refused;
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException bySameProcess) {
            return false;
        }
    }

    /** What waits, oldest first: at most a few thousand. Hidden files, and those that are no inputs, are not seen. */
    List<Found> listing() throws IOException {
        PriorityQueue<Found> oldest = new PriorityQueue<>(Found.OLDEST_FIRST.reversed());
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                add(file, oldest);
            }
        } catch (DirectoryIteratorException broken) {
            throw broken.getCause();
        }
        return sorted(oldest);
    }

    /** The first file that was listed and is no input by its name; null if there was none. */
    String leftAlone() {
        return leftAlone;
    }

    private void add(Path file, PriorityQueue<Found> oldest) throws IOException {
        String name = file.getFileName().toString();
        if (name.startsWith(".")) {
            return;
        }
        if (!InputReader.isInputFile(file)) {
            if (leftAlone == null && isForGood(file)) {
                leftAlone = name;
            }
            return;
        }
        try {
            oldest.add(found(file));
        } catch (NoSuchFileException gone) {
            return;
        }
        if (oldest.size() > MOST_LISTED) {
            oldest.poll();
        }
    }

    /** Not what somebody writes under another name, to give it its own when it is whole. */
    private static boolean isForGood(Path file) throws IOException {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && System.currentTimeMillis() - found(file).modifiedMillis() > STILL_WRITTEN_MILLIS;
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    private static List<Found> sorted(PriorityQueue<Found> files) {
        List<Found> sorted = new ArrayList<>(files);
        sorted.sort(Found.OLDEST_FIRST);
        return sorted;
    }

    /** What an earlier process left behind; files whose answer was written already are put where they belong. */
    List<Claimed> leftovers() throws IOException {
        List<Claimed> left = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(working)) {
            for (Path file : files) {
                if (hasAnswer(file, done)) {
                    rename(file, done.resolve(file.getFileName()));
                } else if (hasAnswer(file, failed)) {
                    rename(file, failed.resolve(file.getFileName()));
                } else if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    left.add(new Claimed(file, found(file)));
                }
            }
        }
        left.sort(Comparator.comparing(Claimed::asFound, Found.OLDEST_FIRST));
        return left;
    }

    private static boolean hasAnswer(Path file, Path where) {
        return Files.exists(where.resolve(file.getFileName() + JSON));
    }

    /** Takes a file; null if it is gone. */
    Claimed claim(Found file) throws IOException {
        Path target = working.resolve(unused(file.name()));
        try {
            rename(folder.resolve(file.name()), target);
            return new Claimed(target, file);
        } catch (NoSuchFileException gone) {
            return null;
        }
    }

    private String unused(String name) {
        int dot = name.lastIndexOf('.');
        String stem = dot <= 0 ? name : name.substring(0, dot);
        String extension = dot <= 0 ? "" : name.substring(dot);
        String candidate = name;
        for (int number = 2; isUsed(candidate); number++) {
            candidate = stem + "-" + number + extension;
        }
        return candidate;
    }

    private boolean isUsed(String name) {
        for (Path place : List.of(working, done, failed)) {
            if (Files.exists(place.resolve(name), LinkOption.NOFOLLOW_LINKS)
                    || Files.exists(place.resolve(name + JSON), LinkOption.NOFOLLOW_LINKS)) {
                return true;
            }
        }
        return false;
    }

    /** Back into the folder: it was not whole. */
    void giveBack(Claimed file) throws IOException {
        Path home = folder.resolve(file.name());
        if (!Files.exists(home)) {
            rename(file.file(), home);
        }
    }

    /** Keeps the answer, then the file beside it. */
    void done(Claimed file, String answer) throws IOException {
        keep(file, done, answer);
    }

    /** The same for a file without an answer. */
    void failed(Claimed file, String why) throws IOException {
        keep(file, failed, why);
    }

    private static void keep(Claimed file, Path where, String json) throws IOException {
        Path part = where.resolve("." + file.name() + JSON + ".part");
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        rename(part, where.resolve(file.name() + JSON));
        rename(file.file(), where.resolve(file.name()));
    }

    private static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Found found(Path file) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return new Found(
                file.getFileName().toString(),
                attributes.size(),
                attributes.lastModifiedTime().toMillis());
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
