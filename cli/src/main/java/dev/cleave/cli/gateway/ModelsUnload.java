package dev.cleave.cli.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave models unload}: has a version drained and taken out of memory. */
@Command(
        name = "unload",
        description = "Has a version drained and taken out of memory; its file stays where it is.",
        footer = {"", "Example:", "  cleave models unload resnet 2"})
final class ModelsUnload extends Verb {
    @Mixin
    private AdminOptions admin;

    @Parameters(index = "0", paramLabel = "MODEL", description = "Name of the model.")
    private String model;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "VERSION",
            defaultValue = "",
            description = "Default: every version.")
    private String version;

    @Option(names = "--force", description = "Also if agents have streams open: they are told to go elsewhere.")
    private boolean force;

    @Override
    protected void run(Terminal terminal) throws Exception {
        JsonNode accepted = admin.client().act(model, "unload", Map.of("version", version, "force", force));
        if (terminal.isJson()) {
            terminal.json().document(accepted);
        } else {
            terminal.print("model \"" + model + "\"" + (version.isEmpty() ? "" : " " + version) + " is being unloaded");
        }
    }
}
