package dev.cleave.partition.quantize;

import dev.cleave.engine.EngineException;
import dev.cleave.partition.progress.Progress;
import java.io.IOException;
import java.util.List;

/**
 * Finds how far a model can be integers from its inputs on: what lies behind stays in float. Errors add up along the way,
 * so the shorter the head in integers, the better its answers, and bisection finds the longest that is good enough in
 * a handful of trials. For a device that runs heads this is what matters; {@link Sensitivity} finds fewer nodes, with a
 * trial for each.
 */
final class LongestHead {
    private final Sensitivity.Trial trial;
    private final QuantizeSettings settings;
    private final Progress progress;

    LongestHead(Sensitivity.Trial trial, QuantizeSettings settings, Progress progress) {
        this.trial = trial;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * The last of the candidates, which have to stay in float; all of them if nothing less is enough.
     *
     * @param candidates in the order in which they run; without any in float the budget does not hold
     */
    List<Integer> search(List<Integer> candidates) throws IOException, EngineException {
        int count = candidates.size();
        progress.begin("longest head in integers", 32 - Integer.numberOfLeadingZeros(count));
        int holds = 0;
        int fails = count;
        while (fails - holds > 1) {
            int head = (holds + fails) >>> 1;
            if (trial.of(candidates.subList(head, count)).isWithin(settings)) {
                holds = head;
            } else {
                fails = head;
            }
            progress.step();
        }
        return candidates.subList(holds, count);
    }
}
