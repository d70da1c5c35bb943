package dev.cleave.benchmarks.field;

import dev.cleave.benchmarks.field.OutageRun.Break;
import dev.cleave.benchmarks.field.PacedRun.Happening;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.engine.Engine;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Breaks a link twice under requests that come at even intervals: every connection is reset; then a black hole keeps the connection
 * and swallows what is sent.
 */
@Command(name = "outage", description = "An agent whose link breaks, twice.", mixinStandardHelpOptions = true)
final class Outage extends PacedCommand {
    private static final double MOST_NOTICED_MILLIS = 500;
    private static final double MOST_RETURN_MILLIS = 2000;
    private static final double MOST_OVER_LOCAL = 1.1;
    /** A split's answers differ from the unsplit model's by 2 % at most; pictures are few here. */
    private static final double MOST_OTHER_ANSWERS = 0.05;

    private static final int LOCAL_REQUESTS = 100;

    @Option(names = "--requests", paramLabel = "N", description = "Default 1000.")
    private int count = 1000;

    @Option(names = "--deadline", paramLabel = "MS", description = "Of each request. Default 1000.")
    private int deadlineMillis = 1000;

    public static void main(String[] arguments) {
        run(new Outage(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        FieldModel bundle = split(engine, work);
        DelayedEngine device = device(engine);
        notes.say("LOCAL alone");
        List<Request> alone = alone(bundle, device);
        MarkdownPage page = page(engine);
        try (GatewayChild gateway = GatewayChild.start(bundle.served(), work);
                LinkShaper link = LinkShaper.startLocal(gateway.port(), WIFI)) {
            EventLog events = new EventLog();
            try (EdgeAgent agent = agent(bundle.bundle(), device)
                    .gateway("127.0.0.1:" + link.port())
                    .split(Split.auto())
                    .listener(events)
                    .build()) {
                events.awaitUp();
                report(
                        broken(bundle, agent, link),
                        alone,
                        events,
                        bundle.inputs().size(),
                        page);
            }
        }
        return page;
    }

    private List<Request> alone(FieldModel bundle, Engine device) throws Exception {
        try (EdgeAgent agent =
                agent(bundle.bundle(), device).split(Split.local()).build()) {
            return warmedUp(agent, bundle, deadlineMillis).run(LOCAL_REQUESTS, List.of());
        }
    }

    /** A fifth of the time each: up, reset, up, black hole, up. */
    private OutageRun broken(FieldModel bundle, EdgeAgent agent, LinkShaper link) throws InterruptedException {
        PacedRun run = warmedUp(agent, bundle, deadlineMillis);
        notes.say(count + " requests, two outages");
        Break reset = new Break("connections reset");
        Break hole = new Break("black hole");
        double fifth = seconds(count) / 5;
        List<Happening> happenings = List.of(
                new Happening(fifth, () -> reset.begin(link::cut)),
                new Happening(2 * fifth, () -> reset.end(link::restore)),
                new Happening(3 * fifth, () -> hole.begin(() -> link.blackHole(true))),
                new Happening(4 * fifth, () -> hole.end(() -> link.blackHole(false))));
        long began = System.nanoTime();
        return new OutageRun(began, run.run(count, happenings), List.of(reset, hole));
    }

    private MarkdownPage page(Engine engine) {
        return new MarkdownPage(
                "A link that breaks",
                engine,
                List.of(setting(deadlineMillis), "agent and link in one process, gateway in another"));
    }

    private void report(OutageRun run, List<Request> alone, EventLog events, int inputs, MarkdownPage page) {
        MarkdownTable table = new MarkdownTable(
                "",
                "requests",
                "answered",
                "from the gateway",
                "median ms",
                "p95 ms",
                "noticed after ms",
                "gateway again after ms");
        row(table, "LOCAL alone", alone, "", "");
        row(table, "link up", run.up(), "", "");
        for (Break each : run.breaks()) {
            report(run, each, alone, events, table);
        }
        page.add("Requests by what the link was like when they began:", table);
        run.requests().stream()
                .filter(request -> !request.isAnswered())
                .forEach(failed -> notes.say(
                        format("request %d, at %.1f s: %s", failed.number(), failed.startSeconds(), failed.failure())));
        long answered = run.requests().stream().filter(Request::isAnswered).count();
        verdict(answered == count, answered + " of " + count + " requests answered");
        long late = run.requests().stream().filter(Request::isLate).count();
        verdict(late == 0, late + " answers after their deadline");
        verdict(events.endedTwice() == 0, events.endedTwice() + " requests ended twice");
        verdict(run.up().stream().anyMatch(Request::isFromGateway), "while the link was up, the gateway answered");
        long other = run.otherAnswers(alone, inputs);
        verdict(
                other <= MOST_OTHER_ANSWERS * count,
                other + " of " + count
                        + " answers are not that of LOCAL for the same picture (splits may differ on 2 %)");
    }

    private void report(OutageRun run, Break each, List<Request> alone, EventLog events, MarkdownTable table) {
        double noticed = events.millisUntil(false, each.fromNanos());
        double again = run.gatewayAgainMillis(each);
        row(table, each.name(), run.within(each), noticed, again);
        verdict(
                noticed <= MOST_NOTICED_MILLIS,
                format("%s: noticed after %.0f ms (wanted %.0f)", each.name(), noticed, MOST_NOTICED_MILLIS));
        verdict(
                again <= MOST_RETURN_MILLIS,
                format(
                        "%s: %.0f ms after the link was back the gateway had answered again (wanted %.0f)",
                        each.name(), again, MOST_RETURN_MILLIS));
        List<Request> settled = run.within(each, MOST_NOTICED_MILLIS);
        double median = StepTrace.median(settled);
        double most = MOST_OVER_LOCAL * StepTrace.median(alone);
        verdict(
                median <= most && settled.stream().allMatch(request -> request.source() == Source.LOCAL),
                format(
                        "%s: from %.0f ms on all answers LOCAL, in %.1f ms, p95 %.1f ms (wanted at most %.1f ms)",
                        each.name(), MOST_NOTICED_MILLIS, median, StepTrace.p95(settled), most));
    }

    private static void row(MarkdownTable table, String name, List<Request> requests, Object noticed, Object again) {
        table.row(
                name,
                requests.size(),
                requests.stream().filter(Request::isAnswered).count(),
                requests.stream().filter(Request::isFromGateway).count(),
                StepTrace.median(requests),
                StepTrace.p95(requests),
                noticed,
                again);
    }
}
