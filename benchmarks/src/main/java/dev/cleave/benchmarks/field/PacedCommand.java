package dev.cleave.benchmarks.field;

import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.cli.link.LinkRates;
import dev.cleave.cli.units.BitRate;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.engine.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** A command that makes requests at even intervals, of a slow device with a good link. */
abstract class PacedCommand extends FieldCommand {
    private static final int PICTURES = 32;
    private static final int WARM_UPS = 50;
    private static final BitRate WIFI_RATE = BitRate.parse("18.88mbit");
    static final LinkRates WIFI = new LinkRates(WIFI_RATE, WIFI_RATE, Duration.ofMillis(10));

    @Option(names = "--model", paramLabel = "MODEL", description = "Default squeezenet.")
    private PlanMaterial.Known model = PlanMaterial.Known.SQUEEZENET;

    @Option(names = "--slowdown", paramLabel = "X", description = "Of the device, against this machine. Default 10.")
    private double slowdown = 10;

    @Option(names = "--interval", paramLabel = "MS", description = "From request to request. Default 200.")
    private int intervalMillis = 200;

    final FieldModel split(Engine engine, Path work) throws Exception {
        notes.say(model + ": splitting");
        return FieldModel.split(model, PICTURES, engine, work, List.of());
    }

    final DelayedEngine device(Engine engine) {
        return DelayedEngine.slowedDown(engine, slowdown);
    }

    /** The time that so many requests take to begin. */
    final double seconds(int requests) {
        return requests * intervalMillis / 1000.0;
    }

    /** Ready to go, after a few requests that do not count. */
    final PacedRun warmedUp(EdgeAgent agent, FieldModel bundle, int deadlineMillis) throws InterruptedException {
        PacedRun run = new PacedRun(
                agent, bundle.inputs(), Duration.ofMillis(intervalMillis), Duration.ofMillis(deadlineMillis));
        notes.say("warming up");
        run.run(WARM_UPS, List.of());
        return run;
    }

    /** All of it in one line. */
    final String setting(int deadlineMillis) {
        return format(
                "%s, device %.0f times slower, link %s; a request every %d ms, deadline %d ms; one thread a run; the agent"
                        + " chooses its point",
                model, slowdown, WIFI, intervalMillis, deadlineMillis);
    }
}
