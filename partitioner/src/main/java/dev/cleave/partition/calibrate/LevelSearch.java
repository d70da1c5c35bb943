package dev.cleave.partition.calibrate;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.calibrate.DisagreementLine.Seen;
import dev.cleave.partition.sample.SampleException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The search for the fewest levels of quantisation, ranges being as they are. Keeps what it tried.
 *
 * <p>A bisection finds the fewest levels whose answers were seen to agree often enough. They are taken if the
 * {@link DisagreementLine} through them and all coarser ones says so, too; else the next finer ones are looked at.
 */
final class LevelSearch {
    /** One number of levels, measured. */
    interface Candidates {
        Probe.Result measure(int levels) throws EngineException, SampleException, CodecException;
    }

    private final List<Integer> levels;
    private final int inputs;
    private final Candidates candidates;
    private final Map<Integer, Probe.Result> tried = new HashMap<>();

    /**
     * @param levels to search among, rising
     * @param inputs that candidates are measured on
     */
    LevelSearch(List<Integer> levels, int inputs, Candidates candidates) {
        this.levels = levels;
        this.inputs = inputs;
        this.candidates = candidates;
    }

    /** Index of the fewest levels that will do; as many as there are levels if none will. */
    int fewest(Budget budget) throws EngineException, SampleException, CodecException {
        int index = fewestThatPass(budget);
        while (index < levels.size() && !(passes(index, budget) && isExpected(index, budget))) {
            index++;
        }
        return index;
    }

    private int fewestThatPass(Budget budget) throws EngineException, SampleException, CodecException {
        int below = -1;
        int above = levels.size();
        while (above - below > 1) {
            int middle = (below + above) >>> 1;
            if (passes(middle, budget)) {
                above = middle;
            } else {
                below = middle;
            }
        }
        return above;
    }

    private boolean passes(int index, Budget budget) throws EngineException, SampleException, CodecException {
        return budget.passes(at(index).level().agreement());
    }

    private boolean isExpected(int index, Budget budget) throws EngineException, SampleException, CodecException {
        List<Seen> seen = new ArrayList<>();
        seen.add(seen(index, budget));
        for (int coarser = index - 1; coarser >= 0; coarser--) {
            Seen more = seen(coarser, budget);
            if (more.changed() > DisagreementLine.STRAIGHT * inputs) {
                break;
            }
            seen.add(more);
        }
        return budget.allows(DisagreementLine.through(seen, inputs).at(levels.get(index)));
    }

    private Seen seen(int index, Budget budget) throws EngineException, SampleException, CodecException {
        return new Seen(
                levels.get(index), inputs * budget.changed(at(index).level().agreement()));
    }

    /** What was measured at an index. */
    Probe.Result at(int index) throws EngineException, SampleException, CodecException {
        Probe.Result result = tried.get(index);
        if (result == null) {
            result = candidates.measure(levels.get(index));
            tried.put(index, result);
        }
        return result;
    }
}
