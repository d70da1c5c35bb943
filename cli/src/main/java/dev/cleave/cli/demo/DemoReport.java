package dev.cleave.cli.demo;

import dev.cleave.cli.link.LinkRates;
import dev.cleave.partition.edge.EdgeChoice;
import java.util.List;
import java.util.Locale;

/**
 * What a demo showed. The passes are at the default quality level, the raw ones beside them.
 *
 * @param edge what the device runs, and why
 * @param codec label of the default codec at the fastest split point
 * @param split the fastest of the split points
 * @param points every split point
 * @param plan what was planned for this link
 * @param answers tells right from wrong
 */
record DemoReport(
        String model,
        LinkRates link,
        EdgeChoice edge,
        String codec,
        DemoPass local,
        DemoPass split,
        DemoPass cloud,
        List<DemoPass> points,
        DemoPass splitRaw,
        DemoPass cloudRaw,
        DemoPlan plan,
        DemoMaterial.Answers answers) {

    /** The JSON document. */
    record Document(
            String model,
            int inputs,
            Integer correct,
            Device device,
            String codec,
            Chosen chosen,
            PerKind p50Millis,
            Bytes wireBytes,
            Alike alike,
            String report) {}

    /**
     * What the device runs.
     *
     * @param integers whether these are 8-bit integers
     * @param reason why not, if they were tried; else empty
     */
    record Device(boolean integers, String reason) {}

    record Chosen(String kind, int splitPoint, double p50Millis, String reason) {}

    record PerKind(double local, double split, double cloud) {}

    /** Mean bytes per request: split boundary, the same raw, the picture as CLOUD sends it, the input tensor raw. */
    record Bytes(double split, double splitRaw, double image, double raw) {}

    /** Shares of inputs with the same answer as the unsplit model: the raw input, all of it on the gateway. */
    record Alike(double local, double splitRaw, double split, double cloud) {}

    /** What the other passes are compared with: the model as it was given, on inputs as they are. */
    DemoPass reference() {
        return cloudRaw;
    }

    Document document() {
        int correct = split.correct(answers);
        return new Document(
                model,
                local.answers().size(),
                correct < 0 ? null : correct,
                new Device(edge.model() != null, edge.reason()),
                codec,
                chosen(),
                new PerKind(local.p50Millis(), split.p50Millis(), cloud.p50Millis()),
                new Bytes(split.meanBytes(), splitRaw.meanBytes(), cloud.meanBytes(), cloudRaw.meanBytes()),
                new Alike(
                        local.alike(reference()).share(),
                        splitRaw.alike(reference()).share(),
                        split.alike(reference()).share(),
                        cloud.alike(reference()).share()),
                plan.report().toString());
    }

    /** The fastest of the three, and why. */
    Chosen chosen() {
        DemoPass best = local;
        for (DemoPass pass : List.of(split, cloud)) {
            best = pass.p50Millis() < best.p50Millis() ? pass : best;
        }
        String kind = best == local ? "local" : best == split ? "split" : "cloud";
        return new Chosen(kind, best.point(), best.p50Millis(), reason(best));
    }

    private String reason(DemoPass best) {
        double network = split.stage("networkMillis");
        if (best == local) {
            return String.format(
                    Locale.ROOT,
                    "the device does all of it in %.0f ms, and the link alone (%s) takes %.0f ms of a split request",
                    local.p50Millis(),
                    link,
                    network);
        }
        if (best == split) {
            return String.format(
                    Locale.ROOT,
                    "%.0f bytes cross in %.0f ms where the input takes %.0f ms, and the device alone would take %.0f ms",
                    split.meanBytes(),
                    network,
                    cloud.stage("networkMillis"),
                    local.p50Millis());
        }
        return String.format(
                Locale.ROOT,
                "the input crosses in %.0f ms, less than a head takes on the device (%.0f ms) with its boundary's %.0f ms",
                cloud.stage("networkMillis"),
                split.stage("headMillis"),
                network);
    }
}
