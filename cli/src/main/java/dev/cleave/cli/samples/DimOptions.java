package dev.cleave.cli.samples;

import dev.cleave.partition.shape.ProbeSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The sizes of open dimensions, for verbs that run a model. */
public class DimOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    private final Map<String, Long> dims = new LinkedHashMap<>();

    @Option(
            names = "--dim",
            paramLabel = "NAME=SIZE",
            description = "Size of an open dimension, by its name or INPUT:AXIS. Default 1.")
    void setDims(Map<String, Long> sizes) {
        if (sizes == null) {
            return;
        }
        sizes.forEach((name, size) -> {
            if (size < 1) {
                throw usage("--dim " + name + "=" + size + ": expected a size of at least 1");
            }
        });
        dims.putAll(sizes);
    }

    /** Sizes by name. */
    public final Map<String, Long> dims() {
        return dims;
    }

    /** How to look into a model: with these sizes. */
    public final ProbeSettings probing() {
        return ProbeSettings.defaults().withDims(dims);
    }

    final ParameterException usage(String message) {
        return new ParameterException(verb.commandLine(), message);
    }
}
