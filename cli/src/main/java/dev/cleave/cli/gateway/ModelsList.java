package dev.cleave.cli.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.verb.Verb;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cleave models list}: every version, in memory or on disk. */
@Command(
        name = "list",
        description = "Prints every version of every model, and where it stands.",
        footer = {"", "Example:", "  cleave models list --json"})
final class ModelsList extends Verb {
    @Mixin
    private AdminOptions admin;

    @Override
    protected void run(Terminal terminal) throws Exception {
        JsonNode repository = admin.client().list();
        if (terminal.isJson()) {
            terminal.json().document(repository);
            return;
        }
        terminal.print(table(repository.path("models")));
        long budget = repository.path("budgetBytes").asLong();
        if (budget > 0) {
            terminal.print(ByteSize.format(repository.path("usedBytes").asLong()) + " of " + ByteSize.format(budget)
                    + " are counted");
        }
        String trouble = repository.path("trouble").asText("");
        if (!trouble.isEmpty()) {
            terminal.note("models directory " + trouble);
        }
    }

    static Table table(JsonNode models) {
        Table table = Table.of("model", "version", "state", "labels", "streams", "memory", "file", "reason");
        for (JsonNode model : models) {
            StringJoiner labels = new StringJoiner(", ");
            model.path("labels").forEach(label -> labels.add(label.asText()));
            table.row(
                    model.path("name").asText(),
                    model.path("version").asText(),
                    model.path("state").asText(),
                    labels,
                    model.path("streams").asInt(),
                    ByteSize.format(model.path("bytes").asLong()),
                    model.path("file").asText(),
                    model.path("reason").asText());
        }
        return table;
    }
}
