package dev.cleave.cli.link;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.units.BitRate;
import dev.cleave.cli.units.TimeSpan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a link changes over time, played once; the last step stays.
 *
 * <pre>
 *   # seconds  uplink   [downlink  [rtt]]     what is left out stays as it was
 *   0          5.85mbit 20mbit     50ms
 *   10         600kbit
 *   20         blackhole
 *   25.5       up
 *   30         down
 * </pre>
 */
public final class LinkTrace {
    /**
     * A change; null fields stay as they were.
     *
     * @param atNanos since the trace began
     */
    record Step(long atNanos, LinkState state, BitRate uplink, BitRate downlink, Duration rtt) {
        LinkRates applyTo(LinkRates rates) {
            return new LinkRates(
                    uplink == null ? rates.uplink() : uplink,
                    downlink == null ? rates.downlink() : downlink,
                    rtt == null ? rates.rtt() : rtt);
        }
    }

    private static final int MAX_BYTES = 16 << 20;

    private final List<Step> steps;

    private LinkTrace(List<Step> steps) {
        this.steps = steps;
    }

    /**
     * Reads a trace file.
     *
     * @throws UserException naming the file and the line that is not understood
     */
    public static LinkTrace read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new UserException(
                    file + ": " + Files.size(file) + " bytes; expected a trace of at most " + MAX_BYTES);
        }
        return parse(file.toString(), Files.readAllLines(file));
    }

    static LinkTrace parse(String name, List<String> lines) {
        List<Step> steps = new ArrayList<>();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1).replaceFirst("#.*", "").strip();
            if (line.isEmpty()) {
                continue;
            }
            try {
                Step step = parseStep(line.split("\\s+"));
                if (!steps.isEmpty()
                        && step.atNanos() < steps.get(steps.size() - 1).atNanos()) {
                    throw new IllegalArgumentException("goes back in time");
                }
                steps.add(step);
            } catch (IllegalArgumentException refused) {
                throw new UserException(name + ", line " + number + ": \"" + line + "\": " + refused.getMessage());
            }
        }
        if (steps.isEmpty()) {
            throw new UserException(name + ": holds no steps; expected lines such as \"10 600kbit\" or \"20 down\"");
        }
        return new LinkTrace(List.copyOf(steps));
    }

    private static Step parseStep(String[] fields) {
        if (fields.length < 2 || fields.length > 4) {
            throw new IllegalArgumentException(
                    "expected: seconds uplink [downlink [rtt]], or seconds up|down|blackhole");
        }
        long atNanos = TimeSpan.parse(fields[0] + "s").toNanos();
        for (LinkState state : LinkState.values()) {
            if (fields.length == 2 && fields[1].equals(state.name().toLowerCase(Locale.ROOT))) {
                return new Step(atNanos, state, null, null, null);
            }
        }
        return new Step(
                atNanos,
                null,
                BitRate.parse(fields[1]),
                fields.length > 2 ? BitRate.parse(fields[2]) : null,
                fields.length > 3 ? TimeSpan.parse(fields[3]) : null);
    }

    List<Step> steps() {
        return steps;
    }
}
