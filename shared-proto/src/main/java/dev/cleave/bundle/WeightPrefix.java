package dev.cleave.bundle;

/**
 * The first {@code size} bytes of a weights file hold all that segments 0..{@code point}-1 need. Weights are laid out
 * in the order of the first segment that uses them, so that an edge view of some points is a prefix.
 */
public record WeightPrefix(String path, int point, long size, String sha256) {}
