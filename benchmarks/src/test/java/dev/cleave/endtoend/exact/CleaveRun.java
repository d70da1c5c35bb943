package dev.cleave.endtoend.exact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.Cleave;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * One call of the command, as a script sees it.
 *
 * @param exitCode 0 done, 1 could not, 2 usage, 3 a check failed
 * @param output what it printed to standard output
 * @param errors what it printed to standard error
 */
record CleaveRun(int exitCode, String output, String errors) {
    static CleaveRun of(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        int exitCode = Cleave.execute(new PrintWriter(out), new PrintWriter(err), words);
        return new CleaveRun(exitCode, out.toString(), err.toString());
    }

    /** The document that {@code --json} printed. */
    JsonNode json() throws JsonProcessingException {
        return new ObjectMapper().readTree(output);
    }
}
