package dev.cleave.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of the README that embed an agent compile as they stand there. */
class ReadmeSnippetTest {
    private static final int MOST_LINES = 10;

    @TempDir
    private Path classes;

    @Test
    void embeddingTakesTenLinesAndCompiles() throws IOException {
        String snippet = snippet();
        assertThat(snippet.lines().count()).isBetween(1L, (long) MOST_LINES);
        assertThat(snippet).contains("EdgeAgent.builder()").contains(".infer(");
        assertThat(compile(snippet)).isEmpty();
    }

    /** That this test would see an error. */
    @Test
    void snippetThatNamesWhatIsNotThereDoesNotCompile() throws IOException {
        assertThat(compile(snippet().replace(".infer(", ".answer("))).contains("answer");
    }

    /** The Java of the README's section for applications. */
    private static String snippet() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/API.md"))) {
            folder = folder.getParent();
        }
        String page = Files.readString(folder.resolve("README.md"));
        int section = page.indexOf("\n## In an app\n");
        int start = page.indexOf("\n```java\n", section) + "\n```java\n".length();
        int end = page.indexOf("\n```\n", start);
        assertThat(section).isPositive();
        assertThat(start).isGreaterThan(section);
        return page.substring(start, end);
    }

    /** In a method that has a tensor. Returns what the compiler says; empty if all is well. */
    private String compile(String snippet) {
        String source = "import dev.cleave.edge.*;\nimport dev.cleave.tensor.Tensor;\nimport java.nio.file.Paths;\n"
                + "class Snippet {\nvoid run(Tensor tensor) throws Exception {\n" + snippet + "\n}\n}\n";
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        boolean compiled = compiler.getTask(
                        said,
                        null,
                        null,
                        List.of("-classpath", classPath, "-d", classes.toString(), "-proc:none"),
                        null,
                        List.of(file))
                .call();
        return compiled ? "" : said.toString();
    }
}
