package dev.cleave.cli.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave models label}: points a label to a version, or takes it away. */
@Command(
        name = "label",
        description = "Points a label, such as stable or canary, to a version that is READY.",
        footer = {"", "Example:", "  cleave models label resnet stable 3"})
final class ModelsLabel extends Verb {
    @Mixin
    private AdminOptions admin;

    @Parameters(index = "0", paramLabel = "MODEL", description = "Name of the model.")
    private String model;

    @Parameters(index = "1", paramLabel = "LABEL", description = "Lower-case letters, digits, _ and -.")
    private String label;

    @Parameters(index = "2", arity = "0..1", paramLabel = "VERSION", description = "What it is to point to.")
    private String version;

    @Option(names = "--remove", description = "Take the label away.")
    private boolean remove;

    @Override
    protected void run(Terminal terminal) throws Exception {
        if (remove == (version != null)) {
            throw usage("VERSION and --remove: expected one of them");
        }
        JsonNode accepted =
                admin.client().act(model, "label", Map.of("label", label, "version", remove ? "" : version));
        if (terminal.isJson()) {
            terminal.json().document(accepted);
        } else {
            terminal.print(
                    "label " + label + " of model \"" + model + "\" " + (remove ? "is gone" : "points to " + version));
        }
    }
}
