package dev.cleave.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What an application sees of the agent is what docs/API.md lists, no more and no less. */
class PublicSurfaceTest {
    private static final Pattern HEADING = Pattern.compile("## `([\\w.]+)`");
    private static final Pattern ROW = Pattern.compile("\\| `([\\w.]+)` \\|.*");

    private static final Set<String> PACKAGES =
            Set.of("dev.cleave.edge", "dev.cleave.edge.events", "dev.cleave.edge.micrometer");
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("test-classes") && !location.contains("tests.jar"))
            .importPackages("dev.cleave");

    private static Path page() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/API.md"))) {
            folder = folder.getParent();
        }
        return folder.resolve("docs/API.md");
    }

    /** Full names, nested types with a dot: of the agent's own packages, and of all sections. */
    private record Listed(Set<String> own, Set<String> all) {}

    private static Listed listed() throws IOException {
        Listed listed = new Listed(new TreeSet<>(), new TreeSet<>());
        String prefix = "";
        for (String line : Files.readAllLines(page())) {
            Matcher heading = HEADING.matcher(line);
            if (line.startsWith("## ")) {
                prefix = heading.matches() ? heading.group(1) + "." : "";
            }
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                (prefix.isEmpty() ? listed.all : listed.own).add(prefix + row.group(1));
            }
        }
        listed.all.addAll(listed.own);
        return listed;
    }

    private static List<JavaClass> surface() {
        List<JavaClass> types = new ArrayList<>();
        for (JavaClass type : CLASSES) {
            if (PACKAGES.contains(type.getPackageName()) && isPublic(type)) {
                types.add(type);
            }
        }
        return types;
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(PublicSurfaceTest::isPublic).orElse(true);
    }

    @Test
    void pageListsThePublicTypesAndNoOthers() throws IOException {
        Set<String> types = new TreeSet<>();
        surface().forEach(type -> types.add(name(type)));
        assertThat(listed().own)
                .as("types in docs/API.md, against the public ones")
                .isEqualTo(types);
    }

    @Test
    void pageListsEveryTypeThatAPublicMemberMentions() throws IOException {
        Set<String> mentioned = new TreeSet<>();
        for (JavaClass type : surface()) {
            for (JavaMember member : type.getMembers()) {
                if (member.getModifiers().contains(JavaModifier.PUBLIC)) {
                    types(member).stream()
                            .flatMap(any -> any.getAllInvolvedRawTypes().stream())
                            .map(PublicSurfaceTest::element)
                            .filter(any -> !any.isPrimitive() && !any.getName().startsWith("java."))
                            .forEach(any -> mentioned.add(name(any)));
                }
            }
        }
        Set<String> unlisted = new TreeSet<>(mentioned);
        unlisted.removeAll(listed().all);
        assertThat(unlisted)
                .as("types that a public member of the agent mentions, and docs/API.md does not")
                .isEmpty();
        Set<String> unused = new TreeSet<>(listed().all);
        unused.removeAll(mentioned);
        surface().forEach(type -> unused.remove(name(type)));
        assertThat(unused)
                .as("types of other modules in docs/API.md that nothing mentions")
                .isEmpty();
    }

    private static List<JavaType> types(JavaMember member) {
        List<JavaType> types = new ArrayList<>();
        if (member instanceof JavaField field) {
            types.add(field.getType());
        } else if (member instanceof JavaCodeUnit method) {
            types.add(method.getReturnType());
            types.addAll(method.getParameterTypes());
            types.addAll(method.getExceptionTypes());
        }
        return types;
    }

    private static JavaClass element(JavaClass type) {
        return type.isArray() ? type.getBaseComponentType() : type;
    }

    private static String name(JavaClass type) {
        return type.getName().replace('$', '.');
    }
}
