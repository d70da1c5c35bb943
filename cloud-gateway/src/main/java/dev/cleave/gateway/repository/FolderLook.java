package dev.cleave.gateway.repository;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one look at the models directory found: files that are models or are refused by name, and what of it could not be
 * read, of which nothing is known. One thread.
 */
final class FolderLook {
    private final List<FoundFile> files = new ArrayList<>();
    private final Map<String, String> unread = new TreeMap<>();

    void found(FoundFile file) {
        files.add(file);
    }

    /** @param refused in place of whatever a file or a folder holds; its fault says why it could not be read */
    void unread(FoundFile refused) {
        files.add(refused);
        unread.put(refused.path(), refused.fault());
    }

    /** In the order of paths, versions by their numbers. */
    List<FoundFile> files() {
        return files.stream().sorted(Inventory.FILES).toList();
    }

    /** Why not, by path. */
    Map<String, String> unread() {
        return unread;
    }

    /** Whether a path could not be read, or lies in a folder that could not: it may be there as it was, or not. */
    boolean hides(String path) {
        for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
            if (unread.containsKey(path.substring(0, end))) {
                return true;
            }
        }
        return false;
    }

    /** One line without the path; empty for what is not there, be it gone or a link to nowhere. */
    static String why(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "";
        }
        if (e instanceof AccessDeniedException) {
            return "access denied";
        }
        if (e instanceof FileSystemException named) {
            return named.getReason() == null ? e.getClass().getSimpleName() : named.getReason();
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
