package dev.cleave.cli.model;

import dev.cleave.partition.edge.EdgeMode;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --int8}, for verbs that decide what devices run. */
final class EdgeOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    private EdgeMode mode = EdgeMode.AUTO;

    @Option(
            names = "--int8",
            arity = "0..1",
            fallbackValue = "always",
            paramLabel = "auto|always|never",
            description = {
                "Whether devices run the head in 8-bit integers. auto (default): where that is faster here; needs sample",
                "inputs. --int8 alone: always."
            })
    void setMode(String value) {
        for (EdgeMode known : EdgeMode.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(value)) {
                mode = known;
                return;
            }
        }
        throw new ParameterException(verb.commandLine(), "--int8 '" + value + "': expected auto, always or never");
    }

    EdgeMode mode() {
        return mode;
    }

    /** @throws ParameterException if integers are asked for without inputs to find their ranges from */
    void requireInputs(boolean areGiven) {
        if (mode == EdgeMode.ALWAYS && !areGiven) {
            throw new ParameterException(
                    verb.commandLine(), "--int8 finds its ranges from sample inputs; expected --inputs or --random");
        }
    }
}
