package dev.cleave.cli.daemon;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.TextFile;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.units.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the daemon's requests come from, and how much of them it takes at a time. */
final class SourceOptions {
    private static final long MAX_BODY_BYTES = 1 << 30;
    private static final int MAX_IN_FLIGHT = 1024;
    private static final int MIN_TOKEN = 16;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(names = "--watch", paramLabel = "DIR", description = "Answer the files that are put into a folder.")
    Path watch;

    @Option(
            names = "--settle",
            paramLabel = "TIME",
            description =
                    "How long a file must stay as it is to be whole. Default 500ms; 0 where files are renamed into "
                            + "the folder.")
    Duration settle = Duration.ofMillis(500);

    @Option(names = "--stdin", description = "Answer each line of standard input: a path, or a JSON object.")
    boolean lines;

    @Option(
            names = "--http",
            paramLabel = "[HOST:]PORT",
            description = "Answer HTTP requests; 0 for a free port. Without a token on the loopback address alone.")
    HostPort http;

    @Option(
            names = "--http-token-file",
            paramLabel = "FILE",
            description = "Bearer token that HTTP requests must bring.")
    private Path httpTokenFile;

    @Option(names = "--max-body", paramLabel = "SIZE", description = "Of an HTTP request or a line. Default 16M.")
    private ByteSize maxBody = new ByteSize(16 << 20);

    @Option(names = "--max-pixels", paramLabel = "N", description = "Of one picture. Default 16000000.")
    long maxPixels = 16_000_000;

    @Option(names = "--in-flight", paramLabel = "N", description = "Requests at a time, of each source. Default 4.")
    int inFlight = 4;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "What requests under way are given when the daemon is told to end. Default 10s.")
    Duration grace = Duration.ofSeconds(10);

    /** @throws ParameterException naming the first option whose value cannot be right */
    void check() {
        if (watch == null && !lines && http == null) {
            throw usage("missing --watch DIR, --stdin or --http PORT: nothing would ever be asked");
        }
        if (maxBody.bytes() < 1 || maxBody.bytes() > MAX_BODY_BYTES) {
            throw usage("--max-body " + maxBody + ": expected 1 byte to 1 GiB");
        }
        if (maxPixels < 1) {
            throw usage("--max-pixels " + maxPixels + ": expected at least 1");
        }
        if (inFlight < 1 || inFlight > MAX_IN_FLIGHT) {
            throw usage("--in-flight " + inFlight + ": expected 1 to " + MAX_IN_FLIGHT);
        }
        if (http != null && httpTokenFile == null && !isLoopback()) {
            throw usage("--http " + http + " is not the loopback address; expected --http-token-file FILE with it");
        }
    }

    private boolean isLoopback() {
        if (http.host() == null) {
            return true;
        }
        InetAddress address = new InetSocketAddress(http.host(), http.port()).getAddress();
        return address != null && address.isLoopbackAddress();
    }

    int maxBodyBytes() {
        return (int) maxBody.bytes();
    }

    /** Requests that can be on their way at once, all sources together. */
    int allInFlight() {
        int sources = (watch != null ? 1 : 0) + (lines ? 1 : 0) + (http != null ? 1 : 0);
        // One waits at the head of each queue and one in the hand of the thread that submits.
        return sources * (inFlight + 2);
    }

    /** Null if there is none. */
    String httpToken() throws IOException {
        if (httpTokenFile == null) {
            return null;
        }
        String token = TextFile.read(httpTokenFile, "a bearer token").strip();
        if (token.length() < MIN_TOKEN || !token.matches("[!-~]+")) {
            throw new UserException(httpTokenFile + ": holds no usable token; expected one line of at least "
                    + MIN_TOKEN + " letters, digits or signs");
        }
        return token;
    }

    private ParameterException usage(String message) {
        return new ParameterException(verb.commandLine(), message);
    }
}
