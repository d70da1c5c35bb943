package dev.cleave.benchmarks.field;

import dev.cleave.benchmarks.field.PacedRun.Happening;
import dev.cleave.benchmarks.field.StepTrace.Passage;
import dev.cleave.benchmarks.field.StepTrace.Phase;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.cli.link.LinkRates;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.cli.units.BitRate;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.Split;
import dev.cleave.engine.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Changes a link's rate in steps under an agent that chooses its point, and under agents that keep to one each; compares the first
 * with an oracle made of the others.
 */
@Command(
        name = "link-steps",
        description = "An agent on a link that changes in steps.",
        mixinStandardHelpOptions = true)
final class LinkSteps extends FieldCommand {
    private static final double MOST_OVER_ORACLE = 1.2;
    private static final double MOST_SECONDS = 1;
    private static final int MOST_FRAMES = 3;
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int PICTURES = 32;

    @Option(names = "--model", paramLabel = "MODEL", description = "Default squeezenet.")
    private PlanMaterial.Known model = PlanMaterial.Known.SQUEEZENET;

    @Option(names = "--slowdown", paramLabel = "X", description = "Of the device, against this machine. Default 15.")
    private double slowdown = 15;

    @Option(
            names = "--rates",
            split = ",",
            paramLabel = "RATE",
            description = "Of the link, up and down. Default 18.88mbit,1.1mbit,5.85mbit,18.88mbit.")
    private List<String> rates = List.of("18.88mbit", "1.1mbit", "5.85mbit", "18.88mbit");

    @Option(names = "--rtt", paramLabel = "MS", description = "Round trip of the link. Default 10.")
    private int rttMillis = 10;

    @Option(names = "--seconds", paramLabel = "N", description = "At each rate. Default 15.")
    private int seconds = 15;

    @Option(names = "--interval", paramLabel = "MS", description = "From request to request. Default 250.")
    private int intervalMillis = 250;

    @Option(names = "--ladder", paramLabel = "N", description = "Points of the bundle. Default 4.")
    private int ladder = 4;

    @Option(names = "--int8", paramLabel = "auto|always|never", description = "Default auto.")
    private String int8 = "auto";

    @Option(names = "--plot", paramLabel = "FILE", description = "Draw it there, as PNG.")
    private Path plot;

    public static void main(String[] arguments) {
        run(new LinkSteps(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        notes.say(model + ": splitting");
        FieldModel bundle = FieldModel.split(
                model, PICTURES, engine, work, List.of("--ladder", Integer.toString(ladder), "--int8=" + int8));
        DelayedEngine device = DelayedEngine.slowedDown(engine, slowdown);
        Map<Integer, List<Request>> fixed = new TreeMap<>();
        List<Request> auto;
        try (GatewayChild gateway = GatewayChild.start(bundle.served(), work)) {
            for (int point = 0; point <= bundle.local(); point++) {
                notes.say("always at point " + point);
                fixed.put(point, drive(bundle, device, gateway, Split.at(point), point < bundle.local()));
            }
            notes.say("the agent chooses");
            auto = drive(bundle, device, gateway, Split.auto(), true);
        }
        StepTrace trace = new StepTrace(phases(), auto, fixed);
        judge(trace);
        if (plot != null) {
            StepPlot.draw(trace, bundle.local(), title(), plot);
        }
        return page(trace, engine, bundle.local());
    }

    private String title() {
        return format("%s, device %.0f times slower, round trip %d ms", model, slowdown, rttMillis);
    }

    private List<Phase> phases() {
        List<Phase> phases = new ArrayList<>();
        for (int i = 0; i < rates.size(); i++) {
            phases.add(new Phase(i * seconds, (i + 1) * seconds, rates.get(i)));
        }
        return phases;
    }

    private LinkRates rates(String rate) {
        BitRate both = BitRate.parse(rate);
        return new LinkRates(both, both, Duration.ofMillis(rttMillis));
    }

    /**
     * The agent sees the first rate for as long again before the trace begins: what it learns there is not counted.
     *
     * @param connects whether the agent needs the gateway at all
     */
    private List<Request> drive(FieldModel bundle, Engine device, GatewayChild gateway, Split split, boolean connects)
            throws Exception {
        EventLog events = new EventLog();
        try (LinkShaper link = LinkShaper.startLocal(gateway.port(), rates(rates.get(0)));
                EdgeAgent agent = agent(bundle.bundle(), device)
                        .gateway("127.0.0.1:" + link.port())
                        .split(split)
                        .deadline(DEADLINE)
                        .localFallback(split.equals(Split.auto()))
                        .listener(events)
                        .build()) {
            if (connects) {
                events.awaitUp();
            }
            PacedRun run = new PacedRun(agent, bundle.inputs(), Duration.ofMillis(intervalMillis), DEADLINE);
            int perPhase = seconds * 1000 / intervalMillis;
            run.run(perPhase, List.of());
            List<Happening> steps = new ArrayList<>();
            for (int i = 1; i < rates.size(); i++) {
                LinkRates next = rates(rates.get(i));
                steps.add(new Happening(i * seconds, () -> link.setRates(next)));
            }
            List<Request> requests = run.run(perPhase * rates.size(), steps);
            requests.stream()
                    .filter(request -> !request.isAnswered())
                    .findFirst()
                    .ifPresent(failed -> notes.say("request " + failed.number() + " failed: " + failed.failure()));
            return requests.stream()
                    .map(request -> request.failedAtDeadline(DEADLINE.toMillis()))
                    .toList();
        }
    }

    private void judge(StepTrace trace) {
        double own = StepTrace.p95(trace.agent());
        double best = StepTrace.p95(trace.oracle());
        verdict(
                own <= MOST_OVER_ORACLE * best,
                format(
                        "p95 %.1f ms, the oracle's %.1f ms: %.2f times (wanted at most %.1f)",
                        own, best, own / best, MOST_OVER_ORACLE));
        double mean = StepTrace.mean(trace.agent());
        Map.Entry<Integer, List<Request>> rival = trace.fixed().entrySet().stream()
                .min((a, b) -> Double.compare(StepTrace.mean(a.getValue()), StepTrace.mean(b.getValue())))
                .orElseThrow();
        verdict(
                mean < StepTrace.mean(rival.getValue()),
                format(
                        "mean %.1f ms; that of the best fixed point, %d, %.1f ms (wanted more)",
                        mean, rival.getKey(), StepTrace.mean(rival.getValue())));
        List<Passage> steps = trace.passages().subList(1, rates.size());
        verdict(
                steps.stream()
                        .allMatch(step -> step.secondsToForce() <= MOST_SECONDS || step.framesToForce() <= MOST_FRAMES),
                "the new point was in force within " + (int) MOST_SECONDS + " s or " + MOST_FRAMES
                        + " frames of each step");
        verdict(
                steps.stream().allMatch(step -> step.switches() <= 1),
                "at most one switch a step: "
                        + steps.stream().map(Passage::switches).toList());
        verdict(steps.stream().map(Passage::settledPoint).distinct().count() > 1, "the point moved at all");
        verdict(
                trace.agent().stream().allMatch(Request::isAnswered),
                trace.agent().stream().filter(Request::isAnswered).count() + " of "
                        + trace.agent().size() + " requests answered");
    }

    private MarkdownPage page(StepTrace trace, Engine engine, int local) {
        MarkdownPage page = new MarkdownPage(
                "An agent on a link that changes in steps",
                engine,
                List.of(
                        title() + "; --int8=" + int8 + ", ladder of " + ladder + ", objective latency",
                        "a request every " + intervalMillis + " ms, each rate for " + seconds
                                + " s, and the first one as long again before that",
                        "agent and link in one process, gateway in another, one thread a run; fixed points ran over the same"
                                + " steps one after another; the oracle uses in each phase the point with the lowest median there;"
                                + " a request that failed counts as its deadline, 10 s",
                        "point 0 is CLOUD, point " + local + " LOCAL"));
        MarkdownTable phases = new MarkdownTable(
                "link",
                "oracle's point",
                "median ms",
                "agent's point",
                "median ms",
                "in force after s",
                "frames",
                "switches");
        for (Passage passage : trace.passages()) {
            phases.row(
                    passage.phase().rate(),
                    passage.bestPoint(),
                    passage.bestMedian(),
                    passage.settledPoint(),
                    passage.settledMedian(),
                    passage.secondsToForce(),
                    passage.framesToForce(),
                    passage.switches());
        }
        page.add("Phase by phase:", phases);
        MarkdownTable totals = new MarkdownTable("who", "mean ms", "p95 ms", "failed");
        totals.row("agent", StepTrace.mean(trace.agent()), StepTrace.p95(trace.agent()), failed(trace.agent()));
        totals.row("oracle", StepTrace.mean(trace.oracle()), StepTrace.p95(trace.oracle()), failed(trace.oracle()));
        trace.fixed()
                .forEach((point, requests) -> totals.row(
                        "always at " + point, StepTrace.mean(requests), StepTrace.p95(requests), failed(requests)));
        page.add("Over the whole trace:", totals);
        page.add("What the agent said when it moved:", switches(trace.agent()));
        return page;
    }

    private static MarkdownTable switches(List<Request> requests) {
        MarkdownTable table = new MarkdownTable("at s", "to point", "because");
        int before = requests.get(0).chosenPoint();
        for (Request request : requests) {
            if (request.isAnswered() && request.chosenPoint() != before) {
                before = request.chosenPoint();
                table.row(
                        request.startSeconds(),
                        before,
                        request.result().decision().why());
            }
        }
        return table;
    }

    private static long failed(List<Request> requests) {
        return requests.stream().filter(request -> !request.isAnswered()).count();
    }
}
