package dev.cleave.cli.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.bundle.Bundle;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave models push}: sends a bundle or a plain ONNX model, which the gateway puts into its models directory. */
@Command(
        name = "push",
        description =
                "Sends a bundle, or a plain ONNX model, to the gateway's models directory, as a version that is not"
                        + " there yet.",
        footer = {"", "Example:", "  cleave models push resnet.cleave --admin 127.0.0.1:8502"})
final class ModelsPush extends Verb {
    @Mixin
    private AdminOptions admin;

    @Parameters(
            paramLabel = "BUNDLE",
            description = "File to send, *.cleave or *.onnx; its version is a positive whole number.")
    private Path bundle;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Of a plain model, and of a sealed bundle, which cannot be read here.")
    private String name;

    @Option(names = "--model-version", paramLabel = "N", description = "The same.")
    private String version;

    @Override
    protected void run(Terminal terminal) throws Exception {
        if ((name == null) != (version == null)) {
            throw usage("--name and --model-version go together; expected both or neither");
        }
        boolean plain = bundle.toString().endsWith(".onnx");
        if (plain && name == null) {
            throw usage("a plain ONNX model does not say what it is called; expected --name and --model-version");
        }
        if (name == null) {
            Bundle opened = Bundle.open(bundle);
            name = opened.contract().modelName();
            version = opened.contract().modelVersion();
        }
        if (!version.matches("[1-9]\\d{0,17}")) {
            throw usage("version of " + bundle + " is \"" + version
                    + "\"; expected a positive whole number (cleave split --model-version N)");
        }
        JsonNode accepted = admin.client().push(name, version, bundle, plain);
        if (terminal.isJson()) {
            terminal.json().document(accepted);
        } else {
            terminal.print("pushed to " + accepted.path("file").asText());
        }
    }
}
