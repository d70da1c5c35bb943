package dev.cleave.cli.model;

import dev.cleave.cli.output.Abbreviation;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.units.TimeSpan;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfile.NodeCost;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.profile.MemoryEstimate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A profile for people: what runs where, the slowest operators, the cuts that were run, the batches. */
final class ProfileReport {
    private static final int OPERATORS_SHOWN = 8;

    private final DeviceProfile profile;
    private final boolean batchesAskedFor;

    ProfileReport(DeviceProfile profile, boolean batchesAskedFor) {
        this.profile = profile;
        this.batchesAskedFor = batchesAskedFor;
    }

    void print(Terminal terminal) {
        DeviceProfile.EngineUse engine = profile.engine();
        String threads = engine.threads() == 0
                ? "its own number of threads"
                : engine.threads() + (engine.threads() == 1 ? " thread" : " threads");
        terminal.print(profile.machine().describe() + "; " + engine.name() + " " + engine.version() + ", "
                + engine.provider() + ", " + threads);
        terminal.print(String.format(
                Locale.ROOT,
                "the whole model takes %s (median of %d, spread %s), and about %s",
                TimeSpan.formatMillis(profile.whole().medianMillis()),
                profile.whole().runs(),
                percent(profile.whole().spread()),
                memory(profile.whole().memory())));
        terminal.print(operators());
        terminal.print(
                profile.nodes().measured()
                        ? percent(profile.nodes().tracedShare()) + " of the operators' time traced to nodes"
                        : "times of operators are estimates: " + profile.nodes().reason());
        if (!profile.spotChecks().isEmpty()) {
            terminal.print(spotChecks());
        }
        if (!profile.batch().times().isEmpty()) {
            terminal.print(batches());
        } else if (batchesAskedFor) {
            terminal.print("no batches: " + profile.batch().skipped());
        }
        if (!profile.drift().isEmpty()) {
            terminal.print("this machine is not steady: " + profile.drift());
        }
    }

    private Table operators() {
        Map<String, List<NodeCost>> groups =
                profile.nodes().costs().stream().collect(Collectors.groupingBy(NodeCost::operator));
        Table table = Table.of("operator", "nodes", "time", "share");
        groups.entrySet().stream()
                .sorted(Comparator.comparingDouble(group -> -millis(group.getValue())))
                .limit(OPERATORS_SHOWN)
                .forEach(group -> table.row(
                        group.getKey(),
                        group.getValue().size(),
                        TimeSpan.formatMillis(millis(group.getValue())),
                        percent(share(millis(group.getValue())))));
        return table;
    }

    private Table spotChecks() {
        Table table = Table.of("cut after", "head", "tail", "both / whole", "spread", "head's memory");
        for (SpotCheck check : profile.spotChecks()) {
            table.row(
                    Abbreviation.ofLast(check.boundary()),
                    TimeSpan.formatMillis(check.headMillis()),
                    TimeSpan.formatMillis(check.tailMillis()),
                    percent(share(check.headMillis() + check.tailMillis())),
                    percent(check.spread()),
                    new ByteSize(check.head().totalBytes()));
        }
        return table;
    }

    private Table batches() {
        Table table = Table.of("rows", "batch", "per row");
        for (BatchTime time : profile.batch().times()) {
            table.row(
                    time.rows(),
                    TimeSpan.formatMillis(time.millis()),
                    TimeSpan.formatMillis(time.millis() / time.rows()));
        }
        return table;
    }

    private static double millis(List<NodeCost> costs) {
        return costs.stream().mapToDouble(NodeCost::millis).sum();
    }

    private double share(double millis) {
        return profile.whole().medianMillis() == 0
                ? 0
                : millis / profile.whole().medianMillis();
    }

    private static String memory(MemoryEstimate memory) {
        return new ByteSize(memory.weightBytes()) + " of weights and " + new ByteSize(memory.liveBytes())
                + " of tensors";
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", share * 100);
    }
}
