package dev.cleave.cli.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code .npy} resources were written by NumPy 2.4; the arrays hold 0 to 5 in two rows. */
class NpyFileTest {
    @ParameterizedTest
    @CsvSource({
        "f2, FLOAT16",
        "f4, FLOAT32",
        "f8, FLOAT64",
        "i1, INT8",
        "i2, INT16",
        "i4, INT32",
        "i8, INT64",
        "u1, UINT8",
        "u2, UINT16",
        "u4, UINT32",
        "u8, UINT64",
        "big-endian-f4, FLOAT32",
        "big-endian-i2, INT16",
        "big-endian-u8, UINT64",
        "version2, FLOAT32",
        "version3, FLOAT32",
        "bfloat16, BFLOAT16"
    })
    void readsEveryElementTypeOrderAndVersion(String name, ElementType type) throws IOException {
        Tensor tensor = readResource(name);
        assertThat(tensor.type()).isEqualTo(type);
        assertThat(tensor.shape()).isEqualTo(Shape.of(2, 3));
        for (int i = 0; i < 6; i++) {
            assertThat(element(tensor, i)).isEqualTo(i);
        }
    }

    @Test
    void readsBooleansScalarsAndEmptyArrays() throws IOException {
        Tensor bool = readResource("bool");
        assertThat(bool.type()).isEqualTo(ElementType.BOOL);
        assertThat(bool.data().get(3)).isEqualTo((byte) 1);
        Tensor scalar = readResource("scalar");
        assertThat(scalar.shape()).isEqualTo(Shape.of());
        assertThat(scalar.data().getFloat()).isEqualTo(7.5f);
        assertThat(readResource("empty").shape()).isEqualTo(Shape.of(0, 3));
    }

    @ParameterizedTest
    @CsvSource({"columns, numpy.ascontiguousarray", "text, \"<U1\"", "fields, expected a string", "complex, \"<c8\""})
    void refusesWhatCannotBecomeATensorByName(String name, String reason) {
        assertThatThrownBy(() -> readResource(name))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "{'descr': '<f4', 'fortran_order': False}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': True}",
                "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} + exit()",
                "{'descr': '<f4', 'fortran_order': None, 'shape': (2, 3)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3.0)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,24)}",
                "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2, 3)}",
                "{'descr': '', 'fortran_order': False, 'shape': (2, 3)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,, 3)}",
                "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3)}"
            })
    void refusesAHeaderThatIsNotExactlyRight(String header) {
        assertThatThrownBy(() -> read(npy(1, header, 24)))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void readsHeadersOfOtherWriters() throws IOException {
        String header = "{\"shape\":(2L,3L,) , \"fortran_order\":False,\"descr\":\"<f4\",}";
        assertThat(read(npy(1, header, 24)).shape()).isEqualTo(Shape.of(2, 3));
        String oneColumn = "{'descr': '<f4', 'fortran_order': True, 'shape': (6,)}";
        assertThat(read(npy(1, oneColumn, 24)).shape()).isEqualTo(Shape.of(6));
    }

    @Test
    void refusesTooFewAndTooManyBytes() {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}";
        assertThatThrownBy(() -> read(npy(1, header, 23))).hasMessageContainingAll("23 bytes", "float32[2,3]", "24");
        assertThatThrownBy(() -> read(npy(1, header, 25))).hasMessageContainingAll("25 bytes", "expected 24");
    }

    @Test
    void allocatesNothingForAnArrayThatIsNotThere() {
        String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (200000000,)}";
        assertThatThrownBy(() -> read(npy(1, header, 8))).hasMessageContainingAll("expected 1600000000");
        byte[] file = npy(2, header, 0);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(8, Integer.MAX_VALUE);
        assertThatThrownBy(() -> read(file)).hasMessageContaining("header has 2147483647 bytes");
    }

    @Test
    void refusesOtherFilesAndVersions() {
        assertThatThrownBy(() -> read("PK\3\4 and so on".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("no NumPy array");
        assertThatThrownBy(() -> read(npy(4, "{}", 0))).hasMessageContaining("version 4; expected 1 to 3");
        assertThatThrownBy(() -> read(new byte[] {(byte) 0x93, 'N'})).hasMessageContaining("cut off");
    }

    @Test
    void refusesABooleanThatIsNone() {
        byte[] file = npy(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}", 3);
        file[file.length - 1] = 2;
        assertThatThrownBy(() -> read(file)).hasMessageContaining("element 2 of the bool array is 2; expected 0 or 1");
    }

    @Test
    void mutatedFilesAreReadOrRefusedAndNothingElse() throws IOException {
        byte[] good = resource("f4").readAllBytes();
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] mutated = good.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            try {
                read(mutated);
            } catch (MalformedInputException expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1, 4_999);
    }

    static byte[] npy(int version, String header, int dataBytes) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        ByteBuffer length =
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, header.length());
        file.write(length.array(), 0, version == 1 ? 2 : 4);
        file.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
        file.writeBytes(new byte[dataBytes]);
        return file.toByteArray();
    }

    private static Tensor read(byte[] file) throws IOException {
        return NpyFile.read(Channels.newChannel(new ByteArrayInputStream(file)), file.length);
    }

    private static Tensor readResource(String name) throws IOException {
        try (InputStream in = resource(name)) {
            return read(in.readAllBytes());
        }
    }

    private static InputStream resource(String name) {
        return NpyFileTest.class.getResourceAsStream(name + ".npy");
    }

    private static double element(Tensor tensor, int index) {
        ByteBuffer data = tensor.data();
        int at = index * tensor.type().bytes();
        return switch (tensor.type()) {
            case FLOAT32 -> data.getFloat(at);
            case FLOAT64 -> data.getDouble(at);
            case FLOAT16 -> halfToDouble(data.getShort(at));
            case BFLOAT16 -> Float.intBitsToFloat(data.getShort(at) << 16);
            case INT8, UINT8, BOOL -> data.get(at);
            case INT16, UINT16 -> data.getShort(at);
            case INT32, UINT32 -> data.getInt(at);
            case INT64, UINT64 -> data.getLong(at);
        };
    }

    /** Of a positive normal number or zero. */
    private static double halfToDouble(short bits) {
        return bits == 0 ? 0 : Math.scalb(1 + (bits & 0x3FF) / 1024.0, ((bits >> 10) & 0x1F) - 15);
    }
}
