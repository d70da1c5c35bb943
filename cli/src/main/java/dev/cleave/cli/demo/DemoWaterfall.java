package dev.cleave.cli.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the time of each pass goes, as bars on one scale: one letter for each stage. */
final class DemoWaterfall {
    private static final int WIDTH = 64;

    /** Stages in the order in which they happen, and their letters. */
    private static final Map<String, Character> STAGES = new LinkedHashMap<>();

    static {
        STAGES.put("headMillis", 'H');
        STAGES.put("encodeMillis", 'e');
        STAGES.put("deviceOtherMillis", '.');
        STAGES.put("uplinkMillis", 'U');
        STAGES.put("queueMillis", 'q');
        STAGES.put("decodeMillis", 'd');
        STAGES.put("tailMillis", 'T');
        STAGES.put("gatewayOtherMillis", ',');
        STAGES.put("downlinkMillis", 'D');
    }

    static final String LEGEND = "H head  e encode  U uplink  q queue  d decode  T tail  D downlink  . , other on the "
            + "device, on the gateway; medians; the division into up and down is an estimate";

    private DemoWaterfall() {}

    static List<String> lines(List<DemoPass> passes) {
        double longest = passes.stream().mapToDouble(DemoWaterfall::sum).max().orElse(1);
        List<String> lines = new ArrayList<>();
        for (DemoPass pass : passes) {
            lines.add(
                    String.format(Locale.ROOT, "%-8s %8.1f ms  %s", pass.name(), pass.p50Millis(), bar(pass, longest)));
        }
        return lines;
    }

    private static double sum(DemoPass pass) {
        return STAGES.keySet().stream().mapToDouble(pass::stage).sum();
    }

    /** Ends of stages are rounded rather than their lengths, so that the bar's length is right. */
    private static String bar(DemoPass pass, double longest) {
        StringBuilder bar = new StringBuilder();
        double end = 0;
        for (Map.Entry<String, Character> stage : STAGES.entrySet()) {
            end += pass.stage(stage.getKey());
            int cells = (int) Math.round(end / longest * WIDTH);
            bar.append(stage.getValue().toString().repeat(Math.max(0, cells - bar.length())));
        }
        return bar.toString();
    }
}
