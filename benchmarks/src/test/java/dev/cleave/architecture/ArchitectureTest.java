package dev.cleave.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shape of the whole project, as docs/ARCHITECTURE.md tells it: module directions, package cycles, banned APIs. */
class ArchitectureTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("test-classes") && !location.contains("tests.jar"))
            .importPackages("dev.cleave");

    private static final String[] SHARED = {
        "dev.cleave.tensor..",
        "dev.cleave.engine",
        "dev.cleave.codec..",
        "dev.cleave.bundle..",
        "dev.cleave.crypto..",
        "dev.cleave.picture",
        "dev.cleave.segment..",
        "dev.cleave.tls..",
        "dev.cleave.trust..",
        "dev.cleave.wire..",
        "dev.cleave.v1.."
    };
    private static final String EDGE = "dev.cleave.edge..";
    private static final String EDGE_MICROMETER = "dev.cleave.edge.micrometer..";
    private static final String GATEWAY = "dev.cleave.gateway..";
    private static final String PARTITION = "dev.cleave.partition..";
    private static final String ONNX_SCHEMA = "dev.cleave.onnx..";
    private static final String CLI = "dev.cleave.cli..";
    private static final String BENCHMARKS = "dev.cleave.benchmarks..";
    private static final String ENGINES = "dev.cleave.engine.*..";
    private static final String IMAGEIO = "dev.cleave.picture.imageio..";
    private static final String SEALING = "dev.cleave.sealing..";

    @Test
    void seesEveryModule() {
        assertThat(packages())
                .contains(
                        "dev.cleave.tensor",
                        "dev.cleave.engine.onnxruntime",
                        "dev.cleave.engine.tflite",
                        "dev.cleave.engine.tflite.jvm",
                        "dev.cleave.picture.imageio",
                        "dev.cleave.sealing",
                        "dev.cleave.partition.graph",
                        "dev.cleave.edge",
                        "dev.cleave.gateway",
                        "dev.cleave.cli");
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("dev.cleave.(**)").should().beFreeOfCycles().check(ALL);
    }

    @Test
    void sharedProtoSeesNothingElse() {
        theClassesIn(SHARED)
                .neverSee(EDGE, GATEWAY, PARTITION, ONNX_SCHEMA, CLI, BENCHMARKS, ENGINES, IMAGEIO, SEALING);
    }

    @Test
    void edgeGatewayAndPartitionerNeverSeeEachOther() {
        theClassesIn(EDGE).neverSee(GATEWAY, PARTITION, ONNX_SCHEMA, CLI, BENCHMARKS, ENGINES, IMAGEIO, SEALING);
        theClassesIn(GATEWAY).neverSee(EDGE, PARTITION, ONNX_SCHEMA, CLI, BENCHMARKS, ENGINES, IMAGEIO, SEALING);
        theClassesIn(PARTITION, ONNX_SCHEMA).neverSee(EDGE, GATEWAY, CLI, BENCHMARKS, ENGINES, IMAGEIO, SEALING);
    }

    @Test
    void enginesSeeOnlySharedProto() {
        theClassesIn(ENGINES, IMAGEIO, SEALING).neverSee(EDGE, GATEWAY, PARTITION, ONNX_SCHEMA, CLI, BENCHMARKS);
    }

    @Test
    void nothingButBenchmarksSeesTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackages(CLI, BENCHMARKS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CLI)
                .check(ALL);
    }

    @Test
    void androidBoundModulesUseNothingThatAndroidLacks() {
        noClasses()
                .that(isAndroidBound())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.awt..",
                        "sun..",
                        "com.sun..",
                        "java.lang.management..",
                        "java.net.http..",
                        "io.netty..",
                        "io.grpc.netty..",
                        "org.slf4j..",
                        "ch.qos.logback..",
                        "com.fasterxml..",
                        "io.micrometer..")
                .orShould()
                .dependOnClassesThat(isJavaxButSockets())
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.invoke.MethodHandles")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.invoke.VarHandle")
                .check(ALL);
    }

    /**
     * A wall clock jumps: it is set by hand, by NTP, after a device has slept. Deadlines, waits and rates are told by
     * {@link System#nanoTime}; the time of day is for people to read, and is read by those who write it down.
     */
    @Test
    void onlyWhatIsReadByPeopleAsksForTheTimeOfDay() {
        noClasses()
                .that()
                .resideInAnyPackage(SHARED)
                .or()
                .resideInAnyPackage(EDGE, GATEWAY, ENGINES, SEALING)
                .and()
                .doNotHaveFullyQualifiedName(
                        "dev.cleave.gateway.identity.GatewayIdentity") // warns of an expired certificate
                .and()
                .doNotHaveFullyQualifiedName("dev.cleave.gateway.admin.AdminServer") // times of the audit log
                .should()
                .accessTargetWhere(new TimeOfDay())
                .check(ALL);
    }

    /** By call, by reference, by a constructor, by a field: each of these asks once. */
    @Test
    void seesWhoAsksForTheTimeOfDayInWhateverWay() {
        JavaClasses asking = new ClassFileImporter().importClasses(TimeOfDayTellers.class.getDeclaredClasses());
        assertThat(asking).hasSizeGreaterThan(8);
        assertThat(asking)
                .allSatisfy(asker -> assertThat(asker.getAccessesFromSelf())
                        .as(asker.getSimpleName())
                        .anyMatch(new TimeOfDay()));
        JavaClass steady = new ClassFileImporter().importClass(TimeOfDayTellers.class);
        assertThat(steady.getAccessesFromSelf()).isNotEmpty().noneMatch(new TimeOfDay());
    }

    @ParameterizedTest
    @ValueSource(strings = {"util", "utils", "common", "core", "impl", "manager", "helper", "misc"})
    void noPackageIsCalledAfterNothing(String name) {
        noClasses().should().resideInAPackage("dev.cleave.." + name + "..").check(ALL);
    }

    /** The list of packages in docs/ARCHITECTURE.md is the list on disk. */
    @Test
    void architecturePageNamesEveryPackage() throws IOException {
        String page = Files.readString(projectRoot().resolve("docs/ARCHITECTURE.md"));
        Set<String> missing = packages().stream()
                .filter(name -> !name.startsWith("dev.cleave.v1") && !name.startsWith("dev.cleave.onnx"))
                .filter(name -> !name.endsWith(".jmh_generated"))
                .filter(name -> !page.contains("`" + name.replace("dev.cleave.", "") + "`"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(missing)
                .as("packages that docs/ARCHITECTURE.md does not name")
                .isEmpty();
    }

    private static DescribedPredicate<JavaClass> isAndroidBound() {
        return JavaClass.Predicates.resideInAnyPackage(SHARED)
                .or(JavaClass.Predicates.resideInAnyPackage(
                        EDGE, SEALING, "dev.cleave.engine.onnxruntime..", "dev.cleave.engine.tflite"))
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(EDGE_MICROMETER)))
                .as("Android-bound");
    }

    /** Of {@code javax}, Android has little more than TLS and ciphers. */
    private static DescribedPredicate<JavaClass> isJavaxButSockets() {
        return JavaClass.Predicates.resideInAPackage("javax..")
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage("javax.net.ssl", "javax.crypto..")))
                .as("of javax, but TLS and ciphers");
    }

    private static Direction theClassesIn(String... packages) {
        return forbidden -> noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .check(ALL);
    }

    private interface Direction {
        void neverSee(String... forbidden);
    }

    private static Set<String> packages() {
        return ALL.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Path projectRoot() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/ARCHITECTURE.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
