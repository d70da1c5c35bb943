package dev.cleave.gateway.repository;

import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.model.ModelStatus;
import java.util.List;
import java.util.Map;

/**
 * A repository as it is at one moment.
 *
 * @param trouble what is wrong with the models directory as a whole; empty if nothing is
 * @param budgetBytes that all models may need; 0: no bound
 * @param usedBytes that are counted now
 * @param labels by model, then by label: the version
 * @param models every version, in memory or on disk
 */
public record RepositoryStatus(
        LoadMode mode,
        String directory,
        String trouble,
        long budgetBytes,
        long usedBytes,
        Map<String, ? extends Map<String, String>> labels,
        List<ModelStatus> models) {}
