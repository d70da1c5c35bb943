package dev.cleave.partition.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.ModelBuilder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxModelTest {
    @TempDir
    Path folder;

    @Test
    void refusesWhatIsNoModelByNameAndReason() throws Exception {
        assertRefused(folder.resolve("absent.onnx"), "no such file");
        assertRefused(folder, "is a directory");
        assertRefused(file(), "is empty");
        assertRefused(file("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "Git LFS pointer");
        assertRefused(file("hello\nworld\n"), "is text");
        assertRefused(file("PK\3\4rest"), "zip archive");
        assertRefused(file("\0\1\2\3"), "is not an ONNX model");
        assertRefused(write(new byte[] {8, 7}), "holds no graph");
    }

    @Test
    void refusesEveryTruncationOfAModel() throws Exception {
        byte[] whole = simple().build().toByteArray();
        for (int length = 1; length < whole.length; length++) {
            Path cut = write(Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Graph.of(OnnxModel.read(cut)))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining(cut.toString());
        }
    }

    @Test
    void meetsNoOtherExceptionInDamagedModels() throws Exception {
        byte[] whole = simple().build().toByteArray();
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 3000; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i < 1 + round % 4; i++) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Path file = write(damaged);
            try {
                new Dataflow(Graph.of(OnnxModel.read(file)));
            } catch (ModelException refused) {
                assertThat(refused.getMessage()).isNotBlank().doesNotContain("\n");
            }
        }
    }

    @Test
    void refusesDimensionsWithoutData() {
        assertRefused(simple().initializer(tensor(1L << 40, 1L << 20).build()), "more than can be stored");
        assertRefused(simple().initializer(tensor(1000, 1000).build()), "holds 0 values; expected 1000000");
        assertRefused(simple().initializer(tensor(-1).build()), "dimension -1");
        assertRefused(simple().initializer(tensor(2).addFloatData(1).build()), "holds 1 values; expected 2");
        assertRefused(
                simple().initializer(tensor(2).setDataType(99).addFloatData(1).build()), "element type 99");
    }

    @Test
    void refusesNestingWithoutEndAndFloodsOfMessages() throws Exception {
        byte[] nested = {};
        for (int depth = 0; depth < 5000; depth++) {
            nested = wrap(1, wrap(5, wrap(6, nested)));
        }
        assertRefused(write(wrap(7, nested)), "nests deeper");
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        byte[] emptyNodes = new byte[2 * (MessageBudget.MOST_FIELDS + 1)];
        for (int i = 0; i < emptyNodes.length; i += 2) {
            emptyNodes[i] = 10;
        }
        flood.writeBytes(wrap(7, emptyNodes));
        assertRefused(write(flood.toByteArray()), "more than");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../outside.bin", "a/../../outside.bin", "/etc/passwd", "C:\\weights.bin", "..\\outside.bin"})
    void refusesExternalDataOutsideTheFolder(String location) throws Exception {
        Files.write(folder.resolve("outside.bin"), new byte[64]);
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.createDirectory(inner.resolve("a"));
        ModelBuilder model = simple().initializer(ModelBuilder.external("e", location, "0", "64", 16));
        assertThatThrownBy(() -> model.read(inner))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("outside the model's folder");
    }

    @Test
    void refusesExternalDataBehindALinkThatLeadsOut() throws Exception {
        Files.write(folder.resolve("outside.bin"), new byte[64]);
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.createSymbolicLink(inner.resolve("w.bin"), folder.resolve("outside.bin"));
        ModelBuilder model = simple().initializer(ModelBuilder.external("e", "w.bin", "0", "64", 16));
        assertThatThrownBy(() -> model.read(inner))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("link that leads outside");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 64, ",
        "4, , ",
        ", , ",
        "8, 64, lies at 8+64",
        "9223372036854775807, 64, lies at",
        "0, 60, holds 60 external bytes; expected 64",
        "-1, 64, a number of bytes",
        "x, 64, a number of bytes"
    })
    void checksWhereExternalDataLies(String offset, String length, String refusal) throws Exception {
        Files.write(folder.resolve("w.bin"), new byte[68]);
        ModelBuilder model = simple().initializer(ModelBuilder.external("e", "w.bin", offset, length, 16));
        if (refusal == null) {
            assertThat(Graph.of(model.read(folder)).initializers()).containsKey("e");
        } else {
            assertRefused(model, refusal);
        }
    }

    @Test
    void givesTheSameBytesHoweverATensorIsStored() throws Exception {
        TensorProto typed = ModelBuilder.randomFloats("t", 5);
        OnnxModel model = simple().initializer(typed).read(folder);
        TensorProto stored = Graph.of(model).initializers().get("t");
        byte[] raw = model.data(stored).bytes().toByteArray();
        TensorProto again = typed.toBuilder()
                .clearFloatData()
                .setRawData(model.data(stored).bytes())
                .build();
        Files.write(folder.resolve("w.bin"), raw);
        OnnxModel other = simple().initializer(again)
                .initializer(ModelBuilder.external("e", "w.bin", "0", "20", 5))
                .read(folder);
        Graph graph = Graph.of(other);
        assertThat(raw).hasSize(20);
        assertThat(other.data(graph.initializers().get("t")).bytes().toByteArray())
                .isEqualTo(raw);
        assertThat(other.data(graph.initializers().get("e")).bytes().toByteArray())
                .isEqualTo(raw);
        assertThat(other.data(graph.initializers().get("e")).length()).isEqualTo(20);
    }

    private static ModelBuilder simple() {
        return new ModelBuilder()
                .input("x", 1, 4)
                .weights("w", 4, 4)
                .node("MatMul", "x w", "h")
                .node("Relu", "h", "y")
                .output("y");
    }

    private static TensorProto.Builder tensor(long... dims) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName("t").setDataType(TensorProto.DataType.FLOAT_VALUE);
        for (long dim : dims) {
            tensor.addDims(dim);
        }
        return tensor;
    }

    /** A length-delimited field. */
    private static byte[] wrap(int field, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(field << 3 | 2);
        int length = content.length;
        while (length > 127) {
            out.write(length & 127 | 128);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private Path file(String... lines) throws Exception {
        return write(String.join("", lines).getBytes(StandardCharsets.ISO_8859_1));
    }

    private Path write(byte[] bytes) throws Exception {
        return Files.write(folder.resolve("model.onnx"), bytes);
    }

    private void assertRefused(ModelBuilder model, String reason) {
        assertRefused(model.save(folder), reason);
    }

    private static void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> OnnxModel.read(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }
}
