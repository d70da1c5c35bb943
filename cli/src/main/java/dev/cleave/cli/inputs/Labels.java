package dev.cleave.cli.inputs;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The right class of each input: lines of {@code file-name<TAB>class-index}, indices from 0. Further columns are
 * ignored, and so is a first line whose second column is no number.
 */
public final class Labels {
    private final Path file;
    private final Map<String, Integer> classes;

    private Labels(Path file, Map<String, Integer> classes) {
        this.file = file;
        this.classes = classes;
    }

    /**
     * Reads a labels file.
     *
     * @throws UserException naming the file and the line that is not understood
     */
    public static Labels read(Path file) throws IOException {
        return new Labels(file, parse(file, TextFile.lines(file, "lines of file-name<TAB>class-index")));
    }

    /** The class of an input, or empty if the file does not name it. */
    public OptionalInt classOf(String inputName) {
        Integer found = classes.get(inputName);
        return found == null ? OptionalInt.empty() : OptionalInt.of(found);
    }

    /** @throws UserException naming the input, if the file does not name it */
    public int require(String inputName) {
        return classOf(inputName)
                .orElseThrow(() -> new UserException(
                        file + ": has no label for \"" + inputName + "\"; expected one of its lines to begin with it"));
    }

    /** The largest class that an input has. */
    public int largestClass() {
        return Collections.max(classes.values());
    }

    /** Number of labelled inputs, at least 1. */
    public int size() {
        return classes.size();
    }

    private static Map<String, Integer> parse(Path file, List<String> lines) {
        Map<String, Integer> classes = new HashMap<>();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1);
            if (line.isBlank()) {
                continue;
            }
            String[] columns = line.split("\t", 3);
            int index = columns.length < 2 ? -1 : index(columns[1].strip());
            boolean isHeader = index < 0 && number == 1 && columns.length > 1;
            if (index < 0 && !isHeader) {
                throw malformed(file, number, line, "expected file-name<TAB>class-index");
            }
            Integer before = isHeader ? null : classes.put(columns[0].strip(), index);
            if (before != null && before != index) {
                throw malformed(file, number, line, "had the class " + before + " in an earlier line");
            }
        }
        if (classes.isEmpty()) {
            throw new UserException(file + ": holds no labels; expected lines of file-name<TAB>class-index");
        }
        return classes;
    }

    /** -1 if it is none. */
    private static int index(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }

    private static UserException malformed(Path file, int number, String line, String reason) {
        String whole = line.replace("\t", "<TAB>");
        String shown = whole.length() > 60 ? whole.substring(0, 60) + " ..." : whole;
        return new UserException(file + ", line " + number + ": \"" + shown + "\": " + reason);
    }
}
