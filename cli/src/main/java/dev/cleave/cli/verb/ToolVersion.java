package dev.cleave.cli.verb;

/** The version of this release, as its jar says. */
public final class ToolVersion {
    private ToolVersion() {}

    /** {@code 0.1.0}, or {@code unpackaged} in a development tree. */
    public static String text() {
        String version = ToolVersion.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
