package dev.cleave.android;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The agent as an Android library: what is in it, and what it asks for. */
class AarTest {
    private static final Pattern PERMISSION = Pattern.compile("<uses-permission android:name=\"([^\"]+)\"");

    @Test
    void asksForNoMorePermissionsThanItNeeds() throws Exception {
        String manifest =
                Files.readString(AndroidModules.root().resolve("edge-agent/src/main/aar/AndroidManifest.xml"));
        Matcher permission = PERMISSION.matcher(manifest);
        assertThat(permission.results().map(found -> found.group(1)))
                .containsExactlyInAnyOrder("android.permission.INTERNET", "android.permission.ACCESS_NETWORK_STATE");
    }

    @Test
    void holdsClassesRulesAndManifest() throws Exception {
        try (ZipFile aar = new ZipFile(aar().toFile())) {
            assertThat(aar.stream().map(ZipEntry::getName))
                    .contains("AndroidManifest.xml", "classes.jar", "proguard.txt", "R.txt")
                    .noneMatch(name -> name.startsWith("jni/"));
            List<String> classes = new ArrayList<>();
            try (ZipInputStream jar = new ZipInputStream(aar.getInputStream(aar.getEntry("classes.jar")))) {
                for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
                    classes.add(entry.getName());
                }
            }
            assertThat(classes).contains("dev/cleave/edge/EdgeAgent.class");
        }
    }

    /** Packaged, which {@code mvn test} does not do. */
    private static Path aar() throws Exception {
        Path target = AndroidModules.root().resolve("edge-agent/target");
        try (Stream<Path> files = Files.list(target)) {
            Path aar = files.filter(file -> file.toString().endsWith(".aar"))
                    .findFirst()
                    .orElse(null);
            Assumptions.assumeTrue(aar != null, "no AAR in " + target + "; run mvn package");
            return aar;
        }
    }
}
