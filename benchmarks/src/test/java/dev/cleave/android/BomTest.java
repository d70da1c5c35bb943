package dev.cleave.android;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The bill of materials names every module that is published, at its version, and libraries at the build's own versions. */
class BomTest {
    private static final String OWN = "dev.cleave";
    /** Modules that are not for others. */
    private static final Set<String> UNPUBLISHED =
            Set.of("cleave-bom", "cleave-benchmarks", "cleave-android-sample", "cleave-tflite-classes");

    private final Document root = pom("pom.xml");
    private final Document bom = pom("bom/pom.xml");

    @Test
    void namesEveryPublishedModule() {
        Set<String> modules = new TreeSet<>();
        for (String folder : texts(root, "module")) {
            modules.add(child(pom(folder + "/pom.xml").getDocumentElement(), "artifactId"));
        }
        assertThat(modules).containsAll(UNPUBLISHED);
        modules.removeAll(UNPUBLISHED);
        Set<String> named = new TreeSet<>();
        for (Element dependency : dependencies(bom)) {
            if (child(dependency, "groupId").equals(OWN)) {
                assertThat(child(dependency, "version")).isEqualTo("${project.version}");
                named.add(child(dependency, "artifactId"));
            }
        }
        assertThat(named).isEqualTo(modules);
        assertThat(child(bom.getDocumentElement(), "version")).isEqualTo(child(root.getDocumentElement(), "version"));
    }

    @Test
    void librariesHaveTheVersionsOfTheBuild() {
        Map<String, String> versions = new TreeMap<>();
        for (Element dependency : dependencies(bom)) {
            if (!child(dependency, "groupId").equals(OWN)) {
                versions.put(child(dependency, "artifactId"), child(dependency, "version"));
            }
        }
        assertThat(versions)
                .containsOnly(
                        Map.entry("grpc-okhttp", property("grpc.version")),
                        Map.entry("grpc-netty", property("grpc.version")),
                        Map.entry("protobuf-java", property("protobuf.version")),
                        Map.entry("protobuf-javalite", property("protobuf.version")),
                        Map.entry("onnxruntime-android", property("onnxruntime.version")),
                        Map.entry("tensorflow-lite", property("tflite.android.version")));
    }

    private String property(String name) {
        return root.getElementsByTagName(name).item(0).getTextContent();
    }

    private static Document pom(String path) {
        try {
            Path file = AndroidModules.root().resolve(path);
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        } catch (Exception unreadable) {
            throw new IllegalStateException(path, unreadable);
        }
    }

    private static List<String> texts(Document document, String tag) {
        List<String> texts = new ArrayList<>();
        NodeList nodes = document.getElementsByTagName(tag);
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }

    private static List<Element> dependencies(Document document) {
        List<Element> elements = new ArrayList<>();
        NodeList nodes = document.getElementsByTagName("dependency");
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    /** Text of a direct child. */
    private static String child(Element parent, String tag) {
        for (var node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node.getNodeName().equals(tag)) {
                return node.getTextContent();
            }
        }
        throw new IllegalStateException(parent.getTagName() + " has no " + tag);
    }
}
