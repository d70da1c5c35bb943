package dev.cleave.gateway.folder;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** What is asked of a folder before anything in it is touched, and how one is removed. */
public final class Folders {
    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private Folders() {}

    /**
     * Whether nobody but the owner of another folder can have put anything into this one, nor can now: it is a folder and no link to one,
     * has that owner, and is open to nobody else. Where files have no permissions only the first two count.
     */
    public static boolean isOwn(Path folder, Path other) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
                        .equals(Files.getOwner(other, LinkOption.NOFOLLOW_LINKS))) {
            return false;
        }
        try {
            return OWNERS.containsAll(Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .permissions());
        } catch (UnsupportedOperationException noPermissions) {
            return true;
        }
    }

    /**
     * Removes a folder and all in it, as far as that can be done; links are removed, not followed. Nothing if it is not there.
     *
     * @throws IOException naming the first thing that is still there; all that could be removed is gone then
     */
    public static void delete(Path tree) throws IOException {
        Removal removal = new Removal();
        Files.walkFileTree(tree, removal);
        if (removal.failure != null) {
            throw removal.failure;
        }
    }

    private static final class Removal extends SimpleFileVisitor<Path> {
        private IOException failure;

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            return remove(file);
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException unreadable) {
            return unreadable instanceof NoSuchFileException ? FileVisitResult.CONTINUE : failed(unreadable);
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException unreadable) {
            return remove(folder);
        }

        private FileVisitResult remove(Path path) {
            try {
                Files.deleteIfExists(path);
                return FileVisitResult.CONTINUE;
            } catch (IOException e) {
                return failed(e);
            }
        }

        private FileVisitResult failed(IOException e) {
            failure = failure == null ? e : failure;
            return FileVisitResult.CONTINUE;
        }
    }
}
