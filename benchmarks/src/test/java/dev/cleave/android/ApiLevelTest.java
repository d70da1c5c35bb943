package dev.cleave.android;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.codehaus.mojo.animal_sniffer.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The build's check against the API of Android 26: that it is switched on, and that it would catch what it is for. */
class ApiLevelTest {
    private static final Path SIGNATURE = AndroidModules.root().resolve("benchmarks/target/android/api-26.signature");
    private static final String PLUGIN = "//plugin[artifactId='animal-sniffer-maven-plugin']";

    @TempDir
    private Path folder;

    /** Every module that is bound to Android runs the check, with the exceptions of the root alone. */
    @Test
    void everyAndroidModuleIsChecked() throws Exception {
        Document root = pom("");
        assertThat(texts(root, "//pluginManagement" + PLUGIN + "//goal")).containsExactly("check");
        assertThat(texts(root, "//pluginManagement" + PLUGIN + "//phase")).containsExactly("process-classes");
        assertThat(texts(root, "//pluginManagement" + PLUGIN + "//signature/artifactId"))
                .containsExactly("gummy-bears-api-26");
        assertThat(ignored()).containsExactly("java.lang.Record", "java.lang.runtime.ObjectMethods");
        for (String module : AndroidModules.NAMES) {
            Document pom = pom(module);
            assertThat(texts(pom, "/project/build/plugins" + PLUGIN + "/artifactId"))
                    .as(module)
                    .hasSize(1);
            assertThat(texts(pom, PLUGIN + "/*[local-name()!='groupId' and local-name()!='artifactId']"))
                    .as("%s has settings of its own", module)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "future.orTimeout(1, java.util.concurrent.TimeUnit.SECONDS)|orTimeout",
                "future.completeOnTimeout(null, 1, java.util.concurrent.TimeUnit.SECONDS)|completeOnTimeout",
                "java.util.stream.Stream.of(1).toList()|toList",
                "\"a\".strip()|strip",
                "java.nio.ByteBuffer.allocate(4).slice(0, 2)|slice(int, int)"
            })
    void callThatAndroidLacksIsCaught(String call, String name) throws IOException {
        Path planted =
                compile("Object late(java.util.concurrent.CompletableFuture<Object> future) { return " + call + "; }");
        assertThat(complaints(planted))
                .singleElement()
                .asString()
                .contains("Planted")
                .contains(name);
    }

    @Test
    void callThatAndroidHasIsNot() throws IOException {
        Path planted = compile("Object now(java.util.concurrent.CompletableFuture<Object> future) { record R(int a) {} "
                + "return future.thenApply(any -> new R(1) + \"a\").getNow(null); }");
        assertThat(complaints(planted)).isEmpty();
    }

    @Test
    void modulesThemselvesAreClean() throws IOException {
        List<Path> files = AndroidModules.classFiles();
        assertThat(files).hasSizeGreaterThan(200);
        assertThat(complaints(files.toArray(Path[]::new))).isEmpty();
    }

    private Path compile(String method) throws IOException {
        Path source = Files.writeString(folder.resolve("Planted.java"), "class Planted { " + method + " }");
        int code = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "--release", "17", "-proc:none", source.toString());
        assertThat(code).isZero();
        return folder;
    }

    private static List<String> complaints(Path... places) throws IOException {
        Complaints complaints = new Complaints();
        try (InputStream signature = Files.newInputStream(SIGNATURE)) {
            Set<String> ownClasses = new TreeSet<>(ignored());
            AndroidModules.classFiles().forEach(file -> ownClasses.add(className(file)));
            ownClasses.addAll(
                    Set.of("Planted*", "io.grpc.*", "com.google.*", "ai.onnxruntime.*", "com.github.luben.*"));
            SignatureChecker checker = new SignatureChecker(signature, ownClasses, complaints);
            checker.setSourcePath(List.of());
            for (Path place : places) {
                checker.process(place.toFile());
            }
            assertThat(checker.isSignatureBroken()).isEqualTo(!complaints.lines.isEmpty());
        } catch (Exception failed) {
            throw new IOException(failed);
        }
        return complaints.lines;
    }

    private static String className(Path file) {
        String path = file.toString();
        int start = path.indexOf("target/classes/") + "target/classes/".length();
        return path.substring(start, path.length() - ".class".length()).replace('/', '.');
    }

    private static List<String> ignored() {
        try {
            return texts(pom(""), "//pluginManagement" + PLUGIN + "//ignore");
        } catch (Exception unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private static Document pom(String module) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(AndroidModules.root().resolve(module).resolve("pom.xml").toFile());
    }

    private static List<String> texts(Document document, String path) throws Exception {
        XPath query = XPathFactory.newInstance().newXPath();
        NodeList nodes = (NodeList) query.evaluate(path, document, XPathConstants.NODESET);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent().strip());
        }
        return texts;
    }

    private static final class Complaints implements Logger {
        final List<String> lines = new ArrayList<>();

        @Override
        public void info(String message) {}

        @Override
        public void info(String message, Throwable cause) {}

        @Override
        public void debug(String message) {}

        @Override
        public void debug(String message, Throwable cause) {}

        @Override
        public void warn(String message) {}

        @Override
        public void warn(String message, Throwable cause) {}

        @Override
        public void error(String message) {
            lines.add(message);
        }

        @Override
        public void error(String message, Throwable cause) {
            lines.add(message + " " + cause);
        }
    }
}
