package dev.cleave.gateway.oip.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.oip.Fault;
import dev.cleave.gateway.oip.InputTensor;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.json.JsonRequest.WantedOutput;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
    private static JsonRequest read(String json) throws OipException {
        byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return RequestReader.read(body, body.length, body.length);
    }

    private static JsonRequest readBinary(String json, byte... behind) throws OipException {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(text);
        body.writeBytes(behind);
        return RequestReader.read(body.toByteArray(), body.size(), text.length);
    }

    /** What an input writes, as a gateway asks it to. */
    private static byte[] write(InputTensor input, ElementType type) throws OipException {
        Shape shape = Shape.of(input.shape());
        input.requireElements(type, shape.elements());
        ByteBuffer into =
                ByteBuffer.allocate((int) shape.elements() * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        input.write(type, shape, into);
        assertThat(into.hasRemaining()).isFalse();
        return into.array();
    }

    private static byte[] only(String shape, ElementType type, String data) throws OipException {
        JsonRequest request =
                read("{'inputs':[{'name':'x','datatype':'?','shape':[" + shape + "],'data':" + data + "}]}");
        return write(request.inputs().get(0), type);
    }

    private static void assertRefused(ThrowingCallable attempt, String part) {
        assertThatThrownBy(attempt).isInstanceOfSatisfying(OipException.class, refused -> {
            assertThat(refused.fault()).isEqualTo(Fault.MALFORMED);
            assertThat(refused.getMessage()).contains(part).doesNotContain("\n");
        });
    }

    @Test
    void readsEverythingThatTheProtocolHas() throws Exception {
        JsonRequest request = read("{'id':'7','inputs':[{'data':[[1,2.5],[-3,4e2]],'shape':[2,2],'name':'x',"
                + "'datatype':'FP32','parameters':{'other':[{}]}},{'name':'n','datatype':'INT64','shape':[1],"
                + "'data':[9]}],'outputs':[{'name':'y','parameters':{'binary_data':false,'classification':2}},"
                + "{'name':'z'}],'parameters':{'binary_data_output':true,'timeout':5,'priority':2,'more':null},"
                + "'unknown':{'a':[1]}}");
        assertThat(request.id()).isEqualTo("7");
        assertThat(request.inputs()).extracting(InputTensor::name).containsExactly("x", "n");
        assertThat(request.inputs().get(0).datatype()).isEqualTo("FP32");
        assertThat(HexFormat.of().formatHex(write(request.inputs().get(0), ElementType.FLOAT32)))
                .isEqualTo("0000803f" + "00002040" + "000040c0" + "0000c843");
        assertThat(request.outputs()).containsExactly(new WantedOutput("y", false), new WantedOutput("z", null));
        assertThat(request.isBinary("y")).isFalse();
        assertThat(request.isBinary("z")).isTrue();
        assertThat(request.schedule().timeoutMicros()).isEqualTo(5);
        assertThat(request.schedule().priority()).isEqualTo(2);
        assertThat(request.withoutInputs().inputs()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, '[true,false,1,0]', 01000100",
        "UINT8, '[0,255]', 00ff",
        "INT8, '[-128,127]', 807f",
        "UINT16, '[65535]', ffff",
        "INT16, '[-2]', feff",
        "UINT32, '[4294967295]', ffffffff",
        "INT32, '[-2]', feffffff",
        "UINT64, '[18446744073709551615]', ffffffffffffffff",
        "INT64, '[-9223372036854775808]', 0000000000000080",
        "FLOAT16, '[1,-0.5]', 003c00b8",
        "BFLOAT16, '[1]', 803f",
        "FLOAT32, '[1,16777217,3.4028235e38]', 0000803f0000804bffff7f7f",
        "FLOAT64, '[1]', 000000000000f03f"
    })
    void readsEveryType(ElementType type, String data, String hex) throws Exception {
        long count = data.chars().filter(c -> c == ',').count() + 1;
        assertThat(HexFormat.of().formatHex(only(Long.toString(count), type, data)))
                .isEqualTo(hex);
    }

    @ParameterizedTest
    @CsvSource({
        "UINT8, 256, 'does not fit UINT8'",
        "UINT8, -1, 'does not fit UINT8'",
        "INT32, 2147483648, 'does not fit INT32'",
        "INT64, 9223372036854775808, 'does not fit INT64'",
        "UINT64, -1, 'does not fit UINT64'",
        "UINT64, 18446744073709551616, 'does not fit UINT64'",
        "INT8, 1.5, 'element is \"1.5\"; expected a whole number'",
        "INT8, 1e2, 'expected a whole number'",
        "FLOAT32, 1e999, 'element \"1e999\" does not fit FP32'",
        "FLOAT32, -1e39, 'does not fit FP32'",
        "FLOAT64, 1e999, 'does not fit FP64'",
        "FLOAT16, 65520, 'does not fit FP16'",
        "BFLOAT16, 3.4028235e38, 'does not fit BF16'",
        "FLOAT32, true, 'element is a boolean; expected a number'",
        "FLOAT32, '\"1\"', 'element is a string; expected a number'",
        "FLOAT32, null, 'element is null; expected a number'",
        "BOOL, 2, 'does not fit BOOL'",
        "BOOL, '\"true\"', 'expected a whole number'"
    })
    void namesAnElementThatDoesNotFit(ElementType type, String element, String part) {
        assertRefused(() -> only("1", type, "[" + element + "]"), part);
        assertRefused(() -> only("1", type, "[" + element + "]"), "input \"x\": element");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "+1", "01", ".5", "0x1", "1,"})
    void refusesWhatIsNoNumberInJson(String element) {
        assertRefused(() -> only("1", ElementType.FLOAT32, "[" + element + "]"), "request is no JSON that is taken");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,2,3,4,5,6]", "[[[1,2,3]],[[4,5,6]]]", "[ [ [1, 2,3 ] ],[[4,5,6]] ]"})
    void takesListsFlatOrAsTheShapeSays(String data) throws Exception {
        assertThat(only("2,1,3", ElementType.UINT8, data)).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[[1,2,3],[4,5,6]]",
                "[[[1,2],[3,4],[5,6]]]",
                "[[[1,2,3,4,5,6]]]",
                "[[[1,2,3]],[4,5,6]]",
                "[[[1,2,3]],[[4,5]],[[6]]]",
                "[[[[1]]],2,3,4,5,6]",
                "[[[1,2,3]],[[4,5,6]],[]]",
                "[1,2,3,[4,5,6]]",
                "[[[1,2,3],[]],[[4,5,6]]]"
            })
    void refusesListsNestedOtherwise(String data) {
        assertRefused(() -> only("2,1,3", ElementType.UINT8, data), "input \"x\": ");
    }

    @Test
    void takesAScalarAndNothing() throws Exception {
        assertThat(only("", ElementType.UINT8, "[7]")).containsExactly(7);
        assertThat(only("2,0", ElementType.UINT8, "[]")).isEmpty();
        assertThat(only("2,0", ElementType.UINT8, "[[],[]]")).isEmpty();
        assertRefused(() -> only("", ElementType.UINT8, "[[7]]"), "nested otherwise");
        assertRefused(() -> only("", ElementType.UINT8, "7"), "data of an input is a whole number; expected a list");
    }

    @Test
    void takesTensorsAsBytesBehindTheText() throws Exception {
        JsonRequest request = readBinary(
                "{'inputs':[{'name':'a','datatype':'UINT8','shape':[3],'parameters':{'binary_data_size':3}},"
                        + "{'name':'b','datatype':'INT16','shape':[1],'data':[5]},"
                        + "{'name':'c','datatype':'INT16','shape':[1],'parameters':{'binary_data_size':2}}]}",
                new byte[] {1, 2, 3, 4, 5});
        assertThat(write(request.inputs().get(0), ElementType.UINT8)).containsExactly(1, 2, 3);
        assertThat(write(request.inputs().get(1), ElementType.INT16)).containsExactly(5, 0);
        assertThat(write(request.inputs().get(2), ElementType.INT16)).containsExactly(4, 5);
    }

    @Test
    void refusesBytesThatAreMissingOrTooMany() throws Exception {
        String json = "{'inputs':[{'name':'a','datatype':'UINT8','shape':[3],'parameters':{'binary_data_size':SIZE}}]}";
        assertRefused(() -> readBinary(json.replace("SIZE", "3"), new byte[2]), "no more than the body has left");
        assertRefused(
                () -> readBinary(json.replace("SIZE", "9223372036854775807"), new byte[2]),
                "no more than the body has left");
        assertRefused(() -> readBinary(json.replace("SIZE", "3"), new byte[4]), "expected all");
        assertRefused(() -> readBinary(json.replace("SIZE", "-1"), new byte[4]), "binary_data_size is -1");
        assertRefused(() -> readBinary(json.replace("SIZE", "1.5")), "binary_data_size is a number");
        assertRefused(() -> readBinary(json.replace("SIZE", "99999999999999999999")), "expected one of 64 bits");
        JsonRequest two = readBinary(json.replace("SIZE", "2"), new byte[2]);
        assertRefused(() -> write(two.inputs().get(0), ElementType.UINT8), "2 bytes; expected 3 for UINT8[3]");
        assertRefused(() -> RequestReader.read(new byte[3], 3, 4), "JSON of 4 bytes in a body of 3");
        assertRefused(
                () -> readBinary("{'inputs':[{'name':'a','datatype':'UINT8','shape':[1],'data':[1],"
                        + "'parameters':{'binary_data_size':0}}]}"),
                "data and binary data; expected one of the two");
    }

    /** What a shape claims is not believed before that many elements have come. */
    @Test
    void takesNoMemoryForWhatIsNotThere() throws Exception {
        JsonRequest request = read("{'inputs':[{'name':'x','datatype':'FP32','shape':[500000000],'data':[1]}]}");
        assertRefused(
                () -> request.inputs().get(0).requireElements(ElementType.FLOAT32, 500_000_000),
                "1 elements; expected 500000000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "7",
                "null",
                "{",
                "{'inputs':{}}",
                "{'inputs':[1]}",
                "{'inputs':[{}]}",
                "{'inputs':[{'name':1}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[-1],'data':[]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1.5],'data':[1]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':['1'],'data':[1]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[99999999999999999999],'data':[1]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],'data':[1]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1],'data':[{}]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1],'data':7}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1],'data':[1],'data':[2]}]}",
                "{'inputs':[],'inputs':[]}",
                "{'outputs':[{}]}",
                "{'id':7}",
                "{'parameters':{'binary_data_output':3}}",
                "{'parameters':{'timeout':'5'}}",
                "{'parameters':{'timeout':-1}}",
                "{'parameters':{'timeout':1e3}}",
                "{'parameters':{'priority':1000000}}",
                "{'parameters':[]}",
                "{} {}",
                "{}x"
            })
    void refusesInOneLineWhatIsNoRequest(String json) {
        assertRefused(() -> read(json), "");
    }

    @Test
    void boundsNestingNumbersNamesAndStrings() {
        assertRefused(() -> read("{'x':" + "[".repeat(40) + "]".repeat(40) + "}"), "nesting depth");
        assertRefused(() -> read("{'x':" + "[".repeat(1_000_000)), "nesting depth");
        assertRefused(() -> read("{'x':" + "9".repeat(1000) + "}"), "Number value length");
        assertRefused(() -> read("{'" + "n".repeat(1000) + "':1}"), "Name length");
        assertRefused(() -> read("{'id':'" + "i".repeat(100_000) + "'}"), "String value length");
    }

    @Test
    void refusesJsonInAnotherEncoding() {
        byte[] wide = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"UINT8\",\"shape\":[1],\"data\":[1]}]}"
                .getBytes(StandardCharsets.UTF_16LE);
        assertRefused(() -> RequestReader.read(wide, wide.length, wide.length), "expected UTF-8");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void survivesMutations(long seed) {
        byte[] good = ("{\"id\":\"7\",\"inputs\":[{\"data\":[[1,2.5],[-3,4e2]],\"shape\":[2,2],\"name\":\"x\","
                        + "\"datatype\":\"FP32\"},{\"name\":\"n\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[9]}]}")
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] bad = good.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                int json = random.nextInt(4) == 0 ? random.nextInt(bad.length) : bad.length;
                for (InputTensor input :
                        RequestReader.read(bad, bad.length, json).inputs()) {
                    long elements = Shape.of(input.shape()).elements();
                    input.requireElements(ElementType.FLOAT32, elements);
                    input.write(ElementType.FLOAT32, Shape.of(input.shape()), ByteBuffer.allocate(4 * (int) elements));
                }
            } catch (OipException expected) {
                refused++;
            } catch (ArithmeticException tooManyElements) {
                // Shapes are the next one's to judge.
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }
}
