package dev.cleave.cli.link;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.units.BitRate;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.units.HostPort;
import dev.cleave.cli.verb.Verb;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cleave link}: runs a {@link LinkShaper} until it is stopped. */
@Command(
        name = "link",
        description = "Relays TCP connections over a link of a given rate and round-trip time.",
        footer = {
            "",
            "A trace file changes the link while it runs, one change a line, played once:",
            "  SECONDS UPLINK [DOWNLINK [RTT]]    or    SECONDS up|down|blackhole",
            "",
            "Example:",
            "  cleave link --listen 9500 --to 127.0.0.1:8500 --uplink 5.85mbit --rtt 50ms"
        })
public final class LinkCommand extends Verb {
    /** What the link carried; the JSON document. */
    record Summary(int port, String to, long bytesUp, long bytesDown) {}

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "[HOST:]PORT",
            description = "Where to listen; 127.0.0.1 unless a host is given, a free port for 0.")
    private HostPort listen;

    @Option(names = "--to", required = true, paramLabel = "HOST:PORT", description = "Where to connect.")
    private HostPort to;

    @Option(names = "--uplink", required = true, paramLabel = "RATE", description = "Rate towards HOST: 5.85mbit.")
    private BitRate uplink;

    @Option(names = "--downlink", paramLabel = "RATE", description = "Rate back; the uplink's unless given.")
    private BitRate downlink;

    @Option(names = "--rtt", required = true, paramLabel = "TIME", description = "Round-trip time: 50ms.")
    private Duration rtt;

    @Option(names = "--trace", paramLabel = "FILE", description = "Changes to the link over time.")
    private Path trace;

    @Override
    protected void run(Terminal terminal) throws Exception {
        if (to.host() == null || to.port() == 0) {
            throw usage("--to " + to + " names no " + (to.host() == null ? "host" : "port") + "; expected HOST:PORT");
        }
        HostPort from = listen.orHost("127.0.0.1");
        LinkTrace changes = trace == null ? null : LinkTrace.read(trace);
        LinkRates rates = new LinkRates(uplink, downlink == null ? uplink : downlink, rtt);
        try (LinkShaper shaper = start(from, rates)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> summarise(terminal, shaper)));
            terminal.print("listening on " + new HostPort(from.host(), shaper.port()) + " -> " + to + ", " + rates);
            if (changes != null) {
                shaper.play(changes);
            }
            new CountDownLatch(1).await();
        }
    }

    private LinkShaper start(HostPort from, LinkRates rates) throws IOException {
        InetSocketAddress local = resolve("--listen", from);
        InetSocketAddress target = resolve("--to", to);
        try {
            return LinkShaper.start(local, target, rates);
        } catch (BindException taken) {
            throw new UserException(
                    "--listen " + from + ": " + taken.getMessage() + "; expected a free port of this machine", taken);
        }
    }

    private static InetSocketAddress resolve(String option, HostPort place) {
        InetSocketAddress address = place.resolve();
        if (address.isUnresolved()) {
            throw new UserException(option + " " + place + ": host \"" + place.host() + "\" is not known");
        }
        return address;
    }

    private void summarise(Terminal terminal, LinkShaper shaper) {
        Summary summary = new Summary(shaper.port(), to.toString(), shaper.bytesUp(), shaper.bytesDown());
        if (terminal.isJson()) {
            terminal.json().document(summary);
        } else {
            terminal.print("carried " + new ByteSize(summary.bytesUp()) + " up and " + new ByteSize(summary.bytesDown())
                    + " down");
        }
    }
}
