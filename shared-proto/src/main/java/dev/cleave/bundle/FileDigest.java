package dev.cleave.bundle;

/** Size in bytes and SHA-256 (lower-case hex) of a bundle entry. */
public record FileDigest(String path, long size, String sha256) {}
