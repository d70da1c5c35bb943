package dev.cleave.partition.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.cleave.partition.plan.SplitPlan;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A plan as one HTML file that needs nothing else: style, scripts, the charting library and the plan's document are
 * inside, and the page's own policy forbids it to load anything.
 *
 * <p>Names in a plan come from model files that nobody vouches for. They reach the page only as JSON, in which the
 * characters that mean something in HTML are escaped, and the page's scripts only ever set them as text.
 */
public final class HtmlReport {
    private static final String LIBRARY = "org.webjars.npm/chart.js";
    private static final Pattern SLOT = Pattern.compile("\\{\\{([a-z]+)}}");

    /** In the order in which they build on each other. */
    private static final List<String> SCRIPTS = List.of(
            "format.js",
            "theme.js",
            "candidates.js",
            "strip.js",
            "breakdown.js",
            "bandwidth.js",
            "agreement.js",
            "table.js",
            "page.js");

    /** Escapes {@code <}, {@code >}, {@code &}, {@code =} and quotes in strings, which is Gson's default. */
    private static final Gson JSON = new GsonBuilder().serializeNulls().create();

    private HtmlReport() {}

    /**
     * Writes the report of a plan; a file of that name is replaced.
     *
     * @throws IOException if the file cannot be written; the message is its name
     */
    public static void write(SplitPlan plan, Path file) throws IOException {
        Files.writeString(file, page(PlanDocument.of(plan)));
    }

    static String page(PlanDocument document) throws IOException {
        Map<String, String> parts = Map.of(
                "style",
                resource("report.css"),
                "library",
                library(),
                "plan",
                JSON.toJson(document),
                "script",
                script());
        // One pass over the template: a slot's name inside a part is text.
        return SLOT.matcher(resource("report.html"))
                .replaceAll(slot -> Matcher.quoteReplacement(parts.get(slot.group(1))));
    }

    private static String script() throws IOException {
        StringBuilder script = new StringBuilder();
        for (String name : SCRIPTS) {
            script.append(resource(name)).append('\n');
        }
        return script.toString();
    }

    /** The library with its licence; its pointer to a source map, which a debugger would try to load, is left out. */
    private static String library() throws IOException {
        Properties pom = new Properties();
        pom.load(new StringReader(resource("/META-INF/maven/" + LIBRARY + "/pom.properties")));
        String folder = "/META-INF/resources/webjars/chart.js/" + pom.getProperty("version");
        String code = resource(folder + "/dist/chart.umd.js")
                .lines()
                .filter(line -> !line.startsWith("//# sourceMappingURL="))
                .collect(Collectors.joining("\n"));
        return "/*\n" + resource(folder + "/LICENSE.md").strip() + "\n*/\n" + code;
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = HtmlReport.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("resource " + name + " is not on the class path; the installation is incomplete");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
