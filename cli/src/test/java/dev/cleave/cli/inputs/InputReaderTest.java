package dev.cleave.cli.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cleave.cli.failure.UserException;
import dev.cleave.onnx.TensorProto;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodec;
import dev.cleave.picture.PictureFormat;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputReaderTest {
    private static final List<TensorSpec> ONE_INPUT =
            List.of(new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3)));
    private static final List<TensorSpec> TWO_INPUTS = List.of(
            new TensorSpec("ids", ElementType.INT64, Shape.of(1, 2)),
            new TensorSpec("mask", ElementType.FLOAT32, Shape.of(1, Shape.DYNAMIC)));

    @TempDir
    private Path folder;

    /** Says what it was asked to decode; real codecs have their own tests. */
    private final PictureCodec codec = new PictureCodec() {
        @Override
        public Picture decode(PictureFormat format, ByteBuffer encoded, long maxPixels) throws IOException {
            if (encoded.remaining() < 8) {
                throw new IOException("ends early");
            }
            return new Picture(1, 1, new byte[] {(byte) format.wireCode(), 0, 0});
        }

        @Override
        public byte[] encode(PictureFormat format, Picture picture, int quality) {
            throw new UnsupportedOperationException();
        }
    };

    @Test
    void listsInputsByNameAndIgnoresOtherFiles() throws IOException {
        for (String name : List.of("b.PNG", "a.jpeg", "c.bmp", "d.npy", "e.npz", "f.pb", "labels.tsv", "README")) {
            Files.write(folder.resolve(name), new byte[0]);
        }
        Files.createDirectory(folder.resolve("zz-empty"));
        copy("f4.npy", Files.createDirectory(folder.resolve("aa-sample")).resolve("x.npy"));
        InputReader reader = open(ONE_INPUT);
        assertThat(reader.size()).isEqualTo(7);
        assertThat(reader.name(0)).isEqualTo("a.jpeg");
        assertThat(reader.name(1)).isEqualTo("aa-sample");
        assertThat(reader.path(6)).isEqualTo(folder.resolve("f.pb"));
    }

    @Test
    void knowsPicturesByTheirFirstBytes() throws IOException {
        Files.write(folder.resolve("a.jpg"), new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, 0, 0, 0, 0, 0});
        Files.write(folder.resolve("b.jpg"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 0, 0, 0, 0});
        InputReader reader = open(ONE_INPUT);
        assertThat(picture(reader, 0).rgb()[0]).isEqualTo((byte) PictureFormat.JPEG.wireCode());
        assertThat(picture(reader, 1).rgb()[0]).isEqualTo((byte) PictureFormat.PNG.wireCode());
    }

    @Test
    void readsBmpPixels() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0x102030);
        image.setRGB(1, 0, 0xFF00FE);
        ImageIO.write(image, "bmp", folder.resolve("a.bmp").toFile());
        Picture picture = picture(open(ONE_INPUT), 0);
        assertThat(picture.width()).isEqualTo(2);
        assertThat(picture.rgb()).containsExactly(0x10, 0x20, 0x30, 0xFF, 0x00, 0xFE);
    }

    @Test
    void refusesPicturesThatCannotBeReadInOneLine() throws IOException {
        Files.write(folder.resolve("a.png"), new byte[] {(byte) 0x89, (byte) 0x50, 0x4E, 0x47});
        Files.write(folder.resolve("b.bmp"), "BM, but not really".getBytes());
        Files.write(folder.resolve("c.jpg"), "text".getBytes());
        InputReader reader = open(ONE_INPUT);
        assertRefused(reader, 0, "a.png", "is no readable picture: ends early");
        assertRefused(reader, 1, "b.bmp", "is no readable picture");
        assertRefused(reader, 2, "c.jpg", "is no picture");
        InputReader withoutCodec = InputReader.open(folder, ONE_INPUT, null);
        assertRefused(withoutCodec, 0, "a.png", "no picture codec");
    }

    @Test
    void feedsTheOnlyInputFromAnArrayOfAnyName() throws IOException {
        copy("f4.npy", folder.resolve("anything.npy"));
        copy("deflated.npz", folder.resolve("lone.npz"));
        Files.write(folder.resolve("z.pb"), floats("other", 1, 3).toByteArray());
        InputReader reader = open(ONE_INPUT);
        assertThat(tensors(reader, 0)).containsOnlyKeys("x");
        assertThat(tensors(reader, 1).get("x").data().getFloat(20)).isEqualTo(5f);
        assertThat(tensors(reader, 2).get("x").shape()).isEqualTo(Shape.of(1, 3));
    }

    @Test
    void feedsInputsByTheirNamesInAnArchive() throws IOException {
        copy("stored.npz", folder.resolve("s.npz"));
        Map<String, Tensor> tensors = tensors(open(TWO_INPUTS), 0);
        assertThat(tensors.keySet()).containsExactly("ids", "mask");
        assertThat(tensors.get("ids").data().getLong(8)).isEqualTo(2);
        assertThat(tensors.get("mask").data().getFloat(4)).isEqualTo(2.5f);
    }

    @Test
    void feedsInputsByTheNamesOfTheFilesOfAFolder() throws IOException {
        Path sample = Files.createDirectory(folder.resolve("sample"));
        Files.write(sample.resolve("ids.pb"), longs("", 1, 2).toByteArray());
        Files.write(sample.resolve("first.pb"), floats("mask", 1, 4).toByteArray());
        Files.write(sample.resolve("output_0.pb"), new byte[] {1, 2, 3});
        Map<String, Tensor> tensors = tensors(open(TWO_INPUTS), 0);
        assertThat(tensors.get("ids").shape()).isEqualTo(Shape.of(1, 2));
        assertThat(tensors.get("mask").shape()).isEqualTo(Shape.of(1, 4));
    }

    @Test
    void feedsInputsByTheirNumbersAsOnnxTestDataDoes() throws IOException {
        Path sample = Files.createDirectory(folder.resolve("test_data_set_0"));
        Files.write(sample.resolve("input_1.pb"), floats("", 1, 4).toByteArray());
        Files.write(sample.resolve("input_0.pb"), longs("", 1, 2).toByteArray());
        assertThat(tensors(open(TWO_INPUTS), 0).get("mask").shape()).isEqualTo(Shape.of(1, 4));
    }

    @Test
    void namesTheFileTheInputAndTheExpectationOfWhatDoesNotFit() throws IOException {
        copy("f8.npy", folder.resolve("a.npy"));
        copy("scalar.npy", folder.resolve("b.npy"));
        InputReader reader = open(ONE_INPUT);
        assertRefused(reader, 0, "a.npy", "tensor \"x\" is float64; expected float32");
        assertRefused(reader, 1, "b.npy", "has shape []; expected [N,3]");
    }

    @Test
    void namesTheInputThatIsMissingSuperfluousOrDouble() throws IOException {
        copy("f4.npy", folder.resolve("a.npy"));
        copy("deflated.npz", folder.resolve("b.npz"));
        Path sample = Files.createDirectory(folder.resolve("c"));
        Files.write(sample.resolve("who.pb"), floats("", 1, 4).toByteArray());
        Path twice = Files.createDirectory(folder.resolve("d"));
        Files.write(twice.resolve("input_1.pb"), floats("", 1, 4).toByteArray());
        Files.write(twice.resolve("mask.pb"), floats("", 1, 4).toByteArray());
        InputReader reader = open(TWO_INPUTS);
        assertRefused(reader, 0, "a.npy", "inputs \"ids\", \"mask\"; expected an .npz");
        assertRefused(reader, 1, "b.npz", "nothing for the input \"ids\"; expected int64[1,2]");
        assertRefused(reader, 2, "c", "who.pb: belongs to no input", "\"ids\", \"mask\"");
        assertRefused(reader, 3, "d", "mask.pb: is the second file for the input \"mask\"");
    }

    @Test
    void readsEveryTypedListOfAnOnnxTensor() throws IOException {
        assertThat(onnx(typed(11).addDoubleData(1.5)).data().getDouble()).isEqualTo(1.5);
        assertThat(onnx(typed(13).addUint64Data(-1)).data().getLong()).isEqualTo(-1);
        assertThat(onnx(typed(12).addUint64Data(7)).data().getInt()).isEqualTo(7);
        assertThat(onnx(typed(6).addInt32Data(-7)).data().getInt()).isEqualTo(-7);
        assertThat(onnx(typed(10).addInt32Data(0x3C00)).data().getShort()).isEqualTo((short) 0x3C00);
        assertThat(onnx(typed(2).addInt32Data(200)).data().get()).isEqualTo((byte) 200);
        assertThat(onnx(typed(9).addInt32Data(1)).type()).isEqualTo(ElementType.BOOL);
    }

    @Test
    void refusesOnnxTensorsThatAreNotWhole() {
        assertRefusedTensor(typed(8).addStringData(ByteString.copyFromUtf8("a")), "string");
        assertRefusedTensor(typed(1), "holds 0 values", "expected 1");
        assertRefusedTensor(typed(1).setRawData(ByteString.copyFrom(new byte[5])), "1 and a fraction values");
        assertRefusedTensor(typed(1).setDataLocation(TensorProto.DataLocation.EXTERNAL), "another file");
        assertRefusedTensor(typed(1).addDims(-1), "expected 0 or more");
        assertRefusedTensor(typed(1).addDims(1L << 40).addDims(1L << 40), "more than can be stored");
        assertRefusedTensor(typed(9).setRawData(ByteString.copyFrom(new byte[] {7})), "expected 0 or 1");
    }

    @Test
    void refusesArchivesThatAreNone() throws IOException {
        Files.write(folder.resolve("a.npz"), "no zip at all".getBytes());
        Files.write(folder.resolve("b.npz"), zip("x.npy", "no array".getBytes()));
        Files.write(folder.resolve("c.npz"), zip("one.npy", new byte[1], "two.npy", new byte[1]));
        InputReader reader = open(ONE_INPUT);
        assertRefused(reader, 0, "a.npz", "is no NumPy archive");
        assertRefused(reader, 1, "b.npz", "array \"x.npy\" is no NumPy array");
        assertRefused(reader, 2, "c.npz", "holds 2 arrays", "expected one of that name");
    }

    @Test
    void refusesTruncatedFilesByName() throws IOException {
        byte[] whole = resource("f4.npy");
        Files.write(folder.resolve("a.npy"), Arrays.copyOf(whole, whole.length - 4));
        Files.write(folder.resolve("b.pb"), new byte[] {10, 99, 1});
        InputReader reader = open(ONE_INPUT);
        assertRefused(reader, 0, "a.npy", "holds 20 bytes of data", "expected 24");
        assertRefused(reader, 1, "b.pb", "is no ONNX tensor");
    }

    @Test
    void takesASingleFileInPlaceOfAFolder() throws IOException {
        copy("f4.npy", folder.resolve("only.npy"));
        assertThat(InputReader.open(folder.resolve("only.npy"), ONE_INPUT, codec)
                        .size())
                .isEqualTo(1);
        Files.write(folder.resolve("text.txt"), new byte[1]);
        assertThatThrownBy(() -> InputReader.open(folder.resolve("text.txt"), ONE_INPUT, codec))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("text.txt: is no input", ".npy");
    }

    @Test
    void refusesAnEmptyFolderAndAMissingOne() {
        assertThatThrownBy(() -> open(ONE_INPUT))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(folder.toString(), "holds no inputs; expected pictures");
        assertThatThrownBy(() -> InputReader.open(folder.resolve("nowhere"), ONE_INPUT, codec))
                .isInstanceOf(NoSuchFileException.class);
    }

    private InputReader open(List<TensorSpec> inputs) throws IOException {
        return InputReader.open(folder, inputs, codec);
    }

    private static Picture picture(InputReader reader, int index) {
        return ((Input.Pictured) reader.read(index)).picture();
    }

    private static Map<String, Tensor> tensors(InputReader reader, int index) {
        return ((Input.Tensors) reader.read(index)).tensors();
    }

    private static void assertRefused(InputReader reader, int index, String file, String... parts) {
        assertThatThrownBy(() -> reader.read(index))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(reader.path(index) + ": ")
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("\n");
        assertThat(reader.name(index)).isEqualTo(file);
    }

    private void assertRefusedTensor(TensorProto.Builder proto, String... parts) {
        assertThatThrownBy(() -> onnx(proto))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContainingAll(parts);
    }

    private Tensor onnx(TensorProto.Builder proto) throws IOException {
        return OnnxTensorFile.read(
                        Files.write(folder.resolve("t.pb"), proto.build().toByteArray()))
                .tensor();
    }

    private static TensorProto.Builder typed(int type) {
        return TensorProto.newBuilder().setDataType(type).addDims(1);
    }

    private static TensorProto floats(String name, long... dims) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(1);
        for (long dim : dims) {
            proto.addDims(dim);
        }
        return proto.addAllFloatData(Collections.nCopies((int) (dims[0] * dims[1]), 0.5f))
                .build();
    }

    private static TensorProto longs(String name, long... dims) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(7);
        for (long dim : dims) {
            proto.addDims(dim);
        }
        return proto.setRawData(ByteString.copyFrom(new byte[(int) (8 * dims[0] * dims[1])]))
                .build();
    }

    private static byte[] zip(Object... namesAndBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndBytes.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) namesAndBytes[i]));
                zip.write((byte[]) namesAndBytes[i + 1]);
            }
        }
        return bytes.toByteArray();
    }

    private static void copy(String resource, Path to) throws IOException {
        Files.write(to, resource(resource));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = InputReaderTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }
}
