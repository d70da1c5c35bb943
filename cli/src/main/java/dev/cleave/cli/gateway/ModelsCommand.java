package dev.cleave.cli.gateway;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cleave models}: what a gateway's model repository is told through its admin port. */
@Command(
        name = "models",
        description = "Lists, loads, unloads, labels and pushes the models of a running gateway.",
        synopsisSubcommandLabel = "list|load|unload|label|push",
        subcommands = {
            ModelsList.class,
            ModelsLoad.class,
            ModelsUnload.class,
            ModelsLabel.class,
            ModelsPush.class,
        },
        footer = {"", "Example:", "  cleave models list --admin 127.0.0.1:8502"})
public final class ModelsCommand implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help.")
    private boolean help;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "missing verb; expected one of list, load, unload, label, push");
    }
}
