package dev.cleave.cli.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.verb.Verb;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave models load}: has a version loaded, and waits until it is READY. */
@Command(
        name = "load",
        description = "Has a version loaded and kept until it is unloaded.",
        footer = {"", "Example:", "  cleave models load resnet 3"})
final class ModelsLoad extends Verb {
    private static final long ASK_AGAIN_MILLIS = 300;

    @Mixin
    private AdminOptions admin;

    @Parameters(index = "0", paramLabel = "MODEL", description = "Name of the model.")
    private String model;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "VERSION",
            defaultValue = "",
            description = "Default: the newest that lies there.")
    private String version;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "600s",
            description = "For it to be ready; 0s: do not wait. Default ${DEFAULT-VALUE}.")
    private Duration patience;

    @Override
    protected void run(Terminal terminal) throws Exception {
        AdminClient client = admin.client();
        JsonNode accepted = client.act(model, "load", Map.of("version", version));
        JsonNode status =
                patience.isZero() ? null : await(client, accepted.path("file").asText());
        if (terminal.isJson()) {
            terminal.json().document(status == null ? accepted : status);
        } else if (status == null) {
            terminal.print("model \"" + model + "\" is being loaded");
        } else {
            terminal.print("model \"" + status.path("name").asText() + "\" "
                    + status.path("version").asText() + " is READY");
        }
    }

    private JsonNode await(AdminClient client, String file) throws Exception {
        long until = System.nanoTime() + patience.toNanos();
        while (true) {
            JsonNode last = null;
            for (JsonNode status : client.list().path("models")) {
                if (status.path("file").asText().equals(file)) {
                    last = status; // Of several from one file the last is the newest.
                }
            }
            String state = last == null ? "" : last.path("state").asText();
            if (state.equals("READY")) {
                return last;
            }
            if (state.equals("FAILED")) {
                throw new UserException(
                        file + " cannot be served: " + last.path("reason").asText());
            }
            if (System.nanoTime() - until > 0) {
                throw new UserException(file + " is " + (state.isEmpty() ? "gone" : state) + " after "
                        + patience.toSeconds() + " s; expected READY");
            }
            TimeUnit.MILLISECONDS.sleep(ASK_AGAIN_MILLIS);
        }
    }
}
