package dev.cleave.gateway.repository;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * A file as it was when it was looked at: two equal stamps are taken for the same content.
 *
 * @param key what the file system calls the file itself, whatever its name; empty where it has none
 */
record FileStamp(long bytes, FileTime modified, String key) {
    /** Of what could not be looked at. */
    static final FileStamp NONE = new FileStamp(0, FileTime.fromMillis(0), "");

    static FileStamp of(BasicFileAttributes attributes) {
        Object key = attributes.fileKey();
        return new FileStamp(attributes.size(), attributes.lastModifiedTime(), key == null ? "" : key.toString());
    }
}
