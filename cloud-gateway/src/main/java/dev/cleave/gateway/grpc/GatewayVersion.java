package dev.cleave.gateway.grpc;

/** What this release calls itself on the wire. */
public final class GatewayVersion {
    /** Raised with every release that adds to the protocol; both sides work with the lower of the two. */
    static final int PROTOCOL_MINOR = 0;

    private static final String UNPACKAGED = "development";

    private GatewayVersion() {}

    /** From the jar's manifest. */
    public static String text() {
        String version = GatewayVersion.class.getPackage().getImplementationVersion();
        return version == null ? UNPACKAGED : version;
    }
}
