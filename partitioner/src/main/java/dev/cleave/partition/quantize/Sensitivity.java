package dev.cleave.partition.quantize;

import dev.cleave.engine.EngineException;
import dev.cleave.partition.progress.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds few nodes that have to stay in float. Each alone is left in float once, which ranks them by the error that is
 * left; then as many as it takes are left in the order of that rank, found by doubling and halving; then each of those
 * goes back to integers if the budget holds without it. (Sensitivity and partial quantisation as in Wu et al., Integer
 * Quantization for Deep Learning Inference, 2020, section 5.2, with the last step added.)
 */
final class Sensitivity {
    /** Tries a model with some nodes in float. */
    interface Trial {
        Quality of(Collection<Integer> kept) throws IOException, EngineException;
    }

    private final Trial trial;
    private final QuantizeSettings settings;
    private final Progress progress;

    Sensitivity(Trial trial, QuantizeSettings settings, Progress progress) {
        this.trial = trial;
        this.settings = settings;
        this.progress = progress;
    }

    /** Those of the candidates that have to stay in float; all of them if nothing less is enough. */
    List<Integer> search(Collection<Integer> candidates) throws IOException, EngineException {
        List<Integer> ranked = ranked(candidates);
        int enough = 1;
        while (enough < ranked.size() && !holds(ranked.subList(0, enough))) {
            enough = Math.min(ranked.size(), 2 * enough);
        }
        int few = enough / 2;
        while (enough - few > 1) {
            int middle = (few + enough) / 2;
            if (holds(ranked.subList(0, middle))) {
                enough = middle;
            } else {
                few = middle;
            }
        }
        return pruned(ranked.subList(0, enough));
    }

    private List<Integer> ranked(Collection<Integer> candidates) throws IOException, EngineException {
        progress.begin("sensitivity", candidates.size());
        Map<Integer, Quality> alone = new HashMap<>();
        for (int candidate : candidates) {
            alone.put(candidate, trial.of(List.of(candidate)));
            progress.step();
        }
        List<Integer> ranked = new ArrayList<>(candidates);
        ranked.sort(Comparator.comparingDouble(candidate -> alone.get(candidate).relativeError()));
        return ranked;
    }

    private List<Integer> pruned(List<Integer> kept) throws IOException, EngineException {
        List<Integer> needed = new ArrayList<>(kept);
        for (int i = kept.size() - 1; i >= 0; i--) {
            List<Integer> fewer = new ArrayList<>(needed);
            fewer.remove(kept.get(i));
            if (holds(fewer)) {
                needed = fewer;
            }
        }
        return needed;
    }

    private boolean holds(Collection<Integer> kept) throws IOException, EngineException {
        return trial.of(kept).isWithin(settings);
    }
}
