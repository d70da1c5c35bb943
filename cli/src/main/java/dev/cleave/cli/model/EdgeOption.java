package dev.cleave.cli.model;

import dev.cleave.partition.edge.EdgeMode;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --int8}, for verbs that decide what devices run. */
final class EdgeOption {
    private static final String ALONE = "always";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    private EdgeMode mode = EdgeMode.AUTO;

    @Option(
            names = "--int8",
            arity = "0..1",
            preprocessor = AttachedValue.class,
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

    /** What follows {@code --int8} after a blank is the model, not a value. */
    static final class AttachedValue implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments, CommandSpec verb, ArgSpec option, Map<String, Object> information) {
            if (!"=".equals(information.get("separator"))) {
                arguments.push(ALONE);
            }
            return false;
        }
    }
}
