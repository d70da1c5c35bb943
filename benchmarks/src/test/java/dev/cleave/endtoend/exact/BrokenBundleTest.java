package dev.cleave.endtoend.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.ContractVariant;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.WeightPrefix;
import dev.cleave.bundle.WeightsDigester;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.ModelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that are whole and sealed, every digest right, and compute something else than the model. */
class BrokenBundleTest {
    private static final String WEIGHTS = "weights/fp32.bin";

    @TempDir
    Path folder;

    private Path model;
    private Path sound;

    @BeforeEach
    void split() {
        ModelBuilder builder = new ModelBuilder().input("x", "N", 24);
        String last = "x";
        for (int layer = 0; layer < 4; layer++) {
            builder.weights("w" + layer, 24, 24)
                    .node("MatMul", last + " w" + layer, "m" + layer)
                    .node("Tanh", "m" + layer, "h" + layer);
            last = "h" + layer;
        }
        model = builder.output(last).save(folder);
        sound = folder.resolve("sound.cleave");
        CleaveRun split = CleaveRun.of("split", model, "-o", sound, "--at", "h0,h1,h2");
        assertThat(split.exitCode()).as(split.errors()).isZero();
    }

    @Test
    void aSoundBundleIsVerified() {
        assertThat(verify(sound).exitCode()).isZero();
    }

    @Test
    void aWrongTailIsFoundAtItsPoint() throws Exception {
        Path bundle = rewritten("graphs/fp32/tail-2.onnx", BrokenBundleTest::withReluForTanh);
        assertThatCode(() -> Bundle.open(bundle).graph("fp32", "tail-2")).doesNotThrowAnyException();
        assertFails(verify(bundle), "point 2 is not exact");
        assertFails(CleaveRun.of("verify", bundle, "--random", 3), "point 2 is not exact");
    }

    @Test
    void aWrongSegmentIsFound() throws Exception {
        assertFails(
                verify(rewritten("graphs/fp32/segment-3.onnx", BrokenBundleTest::withReluForTanh)),
                "point 1 is not exact");
    }

    @Test
    void wrongWeightsAreFoundAgainstTheModel() throws Exception {
        assertFails(verify(rewritten(WEIGHTS, BrokenBundleTest::withOneBitFlipped)), "point 1 is not exact");
    }

    private CleaveRun verify(Path bundle) {
        return CleaveRun.of("verify", bundle, "--against", model, "--random", 3);
    }

    private static void assertFails(CleaveRun verify, String reason) {
        assertThat(verify.exitCode()).as(verify.errors()).isEqualTo(3);
        assertThat(verify.errors())
                .contains(reason)
                .contains("expected at most 1e-04")
                .doesNotContain("\tat ");
    }

    private static byte[] withReluForTanh(byte[] graph) {
        try {
            ModelProto proto = ModelProto.parseFrom(graph);
            GraphProto.Builder changed = proto.getGraph().toBuilder();
            for (int i = 0; i < changed.getNodeCount(); i++) {
                if (changed.getNode(i).getOpType().equals("Tanh")) {
                    changed.setNode(i, changed.getNode(i).toBuilder().setOpType("Relu"));
                }
            }
            return proto.toBuilder().setGraph(changed).build().toByteArray();
        } catch (IOException malformed) {
            throw new AssertionError(malformed);
        }
    }

    /** The sign of one float. */
    private static byte[] withOneBitFlipped(byte[] weights) {
        byte[] changed = weights.clone();
        changed[3] ^= (byte) 0x80;
        return changed;
    }

    /** The sound bundle with one file changed and everything sealed anew. */
    private Path rewritten(String path, UnaryOperator<byte[]> change) throws IOException {
        Bundle bundle = Bundle.open(sound);
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<FileDigest> digests = new ArrayList<>();
        try (ZipFile zip = new ZipFile(sound.toFile())) {
            for (FileDigest file : bundle.contract().files()) {
                byte[] content = read(zip, file.path());
                content = file.path().equals(path) ? change.apply(content) : content;
                files.put(file.path(), content);
                digests.add(FileDigest.of(file.path(), content));
            }
        }
        assertThat(digests).isNotEqualTo(bundle.contract().files());
        BundleWriter writer = new BundleWriter(sealed(bundle.contract(), digests, files.get(WEIGHTS)));
        files.forEach(writer::file);
        Path target = folder.resolve("broken.cleave");
        writer.write(bundle.manifest(), target);
        return target;
    }

    private Contract sealed(Contract contract, List<FileDigest> files, byte[] weights) throws IOException {
        long[] prefixes =
                contract.weightPrefixes().stream().mapToLong(WeightPrefix::size).toArray();
        Path file = Files.write(folder.resolve("weights.bin"), weights);
        return ContractVariant.withFiles(
                contract, files, WeightsDigester.of(WEIGHTS, file, prefixes).prefixes());
    }

    private static byte[] read(ZipFile zip, String path) throws IOException {
        try (InputStream in = zip.getInputStream(new ZipEntry(path))) {
            return in.readAllBytes();
        }
    }
}
