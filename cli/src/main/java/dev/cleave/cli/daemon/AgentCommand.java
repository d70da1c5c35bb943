package dev.cleave.cli.daemon;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.agent.AgentOptions;
import dev.cleave.cli.daemon.network.NetworkPoll;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.units.TimeSpan;
import dev.cleave.cli.verb.Verb;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave agent}: answers whatever its sources bring until SIGINT, SIGTERM or the end of standard input. */
@Command(
        name = "agent",
        description = {
            "Runs an agent for programs in any language: it answers files that are put into a folder, lines of "
                    + "standard input and HTTP requests, and prints answers to the first two as JSON, one object a line."
        },
        footer = {"", "Example:", "  cleave agent model.cleave --gateway 127.0.0.1:8500 --watch inbox --http 8600"})
public final class AgentCommand extends Verb {
    private static final Logger LOG = LoggerFactory.getLogger(AgentCommand.class);
    private static final Duration CLOSING = Duration.ofSeconds(15);

    @Parameters(paramLabel = "BUNDLE", description = "A full bundle or its edge view.")
    private Path file;

    @Mixin
    private AgentOptions agentOptions;

    @Mixin
    private SourceOptions sourceOptions;

    @Option(
            names = "--device-id",
            paramLabel = "ID",
            description = "What the gateway calls this device. Default: random.")
    private String deviceId;

    @Option(
            names = "--device-class",
            paramLabel = "NAME",
            description = "What devices of one speed share, rpi-4 say. Default: system and processor.")
    private String deviceClass;

    @Option(names = "--network", paramLabel = "NAME", description = "For reports: wifi, cellular or ethernet.")
    private String network;

    @Option(
            names = "--report-every",
            paramLabel = "TIME",
            description = "How often the gateway is told what requests were like; 0: never. Default 30s.")
    private Duration reportEvery = Duration.ofSeconds(30);

    @Mixin
    private UpkeepOptions upkeepOptions;

    @Override
    protected void run(Terminal terminal) throws Exception {
        agentOptions.check();
        sourceOptions.check();
        upkeepOptions.check(agentOptions.hasGateway());
        upkeepOptions.checkProfile(file);
        LinkState link = new LinkState();
        DaemonMetrics metrics = sourceOptions.http == null ? null : new DaemonMetrics();
        CountDownLatch closed = new CountDownLatch(1);
        Bundle bundle = agentOptions.open(file);
        try (EdgeAgent agent = agentOptions.build(bundle, null, builder -> describe(builder, link, metrics))) {
            Daemon daemon = Daemon.start(
                    agent,
                    agentOptions.deadline(),
                    sourceOptions,
                    System.in,
                    terminal.json(),
                    metrics == null ? () -> "" : metrics::scrape,
                    link::isUp);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> endAndWait(daemon, closed)));
            terminal.note(bundle.contract().modelName() + " answers " + daemon.places());
            awaitEnd(daemon, agent);
            link.end();
            daemon.end(sourceOptions.grace);
        } finally {
            closed.countDown();
        }
    }

    private void describe(EdgeAgentBuilder builder, LinkState link, DaemonMetrics metrics) {
        builder.maxInFlight(sourceOptions.allInFlight())
                .maxWaitingInputBytes(Long.MAX_VALUE) // each source bounds what it takes, and would rather wait
                .reports(reportEvery)
                .listener((metrics == null ? link : link.and(metrics.agent())).and(new UpkeepLog()));
        upkeepOptions.apply(builder);
        if (deviceId != null) {
            builder.deviceId(deviceId);
        }
        if (deviceClass != null) {
            builder.deviceClass(deviceClass);
        }
        if (network != null) {
            builder.networkClass(() -> network);
        }
    }

    private void awaitEnd(Daemon daemon, EdgeAgent agent) throws InterruptedException {
        if (!agentOptions.hasGateway()) {
            daemon.awaitEnd();
            return;
        }
        NetworkPoll network = NetworkPoll.start(agent::networkChanged);
        try {
            daemon.awaitEnd();
        } finally {
            network.close();
        }
    }

    /**
     * Runs in the shutdown hook: the JVM waits for it, and it waits for the thread that runs the daemon, which goes on to
     * exit and then waits for the hooks.
     */
    private void endAndWait(Daemon daemon, CountDownLatch closed) {
        daemon.tellToEnd();
        try {
            Duration patience = sourceOptions.grace.plus(CLOSING);
            if (!closed.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("agent was not closed within {}", TimeSpan.format(patience));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
