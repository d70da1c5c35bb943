package dev.cleave.cli.daemon.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.cleave.cli.daemon.oip.InferRequest.WantedOutput;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferRequestReaderTest {
    private static InferRequest read(String json) throws MalformedRequestException {
        byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return InferRequestReader.read(body, body.length);
    }

    private static InferRequest readBinary(String json, byte[] behind) throws MalformedRequestException {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(text);
        body.writeBytes(behind);
        return InferRequestReader.read(body.toByteArray(), text.length);
    }

    private static Tensor only(String datatype, String data) throws MalformedRequestException {
        long count = data.chars().filter(c -> c == ',').count() + 1;
        return read("{'inputs':[{'name':'x','datatype':'" + datatype + "','shape':[" + count + "],'data':[" + data
                        + "]}]}")
                .inputs()
                .get("x");
    }

    @Test
    void numbersAndTruthsBesideTheInputsAreKeptAsTheyAreWritten() throws Exception {
        InferRequest request = read("{'id':7,'deadline':200,'fast':true,'nothing':null,'inputs':[]}");
        assertThat(request.id()).isEqualTo("7");
        assertThat(request.texts()).containsOnly(entry("id", "7"), entry("deadline", "200"), entry("fast", "true"));
    }

    @Test
    void objectWithoutEndIsToldWithoutItsSource() {
        assertThatThrownBy(() -> read("{"))
                .hasMessageContaining("Unexpected end-of-input")
                .hasMessageNotContaining("Source");
    }

    @Test
    void readsInputsOutputsAndTexts() throws Exception {
        InferRequest request = read("{'id':'7','inputs':[{'data':[[1,2.5],[-3,4e2]],'shape':[2,2],'name':'x',"
                + "'datatype':'FP32','parameters':{'other':[{}]}},{'name':'n','datatype':'INT64','shape':[1],"
                + "'data':[9]}],'outputs':[{'name':'y','parameters':{'binary_data':true}},{'name':'z'}],"
                + "'parameters':{'binary_data_output':true},'deadline':'5ms','unknown':{'a':[1]}}");
        assertThat(request.id()).isEqualTo("7");
        assertThat(request.inputs()).containsOnlyKeys("x", "n");
        Tensor x = request.inputs().get("x");
        assertThat(x).hasToString("float32[2,2]");
        float[] values = new float[4];
        x.data().asFloatBuffer().get(values);
        assertThat(values).containsExactly(1, 2.5f, -3, 400);
        assertThat(request.inputs().get("n").data().getLong(0)).isEqualTo(9);
        assertThat(request.outputs()).containsExactly(new WantedOutput("y", true), new WantedOutput("z", null));
        assertThat(request.binaryByDefault()).isTrue();
        assertThat(request.texts()).containsEntry("deadline", "5ms").doesNotContainKey("unknown");
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, BOOL, 'true,false,1,0', 01000100",
        "UINT8, UINT8, '0,255', 00ff",
        "INT8, INT8, '-128,127', 807f",
        "UINT16, UINT16, '65535', ffff",
        "INT16, INT16, '-2', feff",
        "UINT32, UINT32, '4294967295', ffffffff",
        "INT32, INT32, '-2', feffffff",
        "UINT64, UINT64, '18446744073709551615', ffffffffffffffff",
        "INT64, INT64, '-9223372036854775808', 0000000000000080",
        "FP16, FLOAT16, '1,-0.5', 003c00b8",
        "BF16, BFLOAT16, '1', 803f",
        "FP32, FLOAT32, '1', 0000803f",
        "FP64, FLOAT64, '1', 000000000000f03f"
    })
    void readsEveryType(String datatype, ElementType type, String data, String hex) throws Exception {
        Tensor tensor = only(datatype, data);
        assertThat(tensor.type()).isEqualTo(type);
        byte[] bytes = new byte[tensor.bytes()];
        tensor.data().get(bytes);
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(hex);
    }

    @ParameterizedTest
    @CsvSource({
        "UINT8, 256, 'element 256; expected 0 to 255'",
        "UINT8, -1, 'element -1; expected 0 to 255'",
        "INT32, 2147483648, 'expected -2147483648 to 2147483647'",
        "INT64, 9223372036854775808, 'does not fit INT64'",
        "UINT64, -1, 'expected 0 to 18446744073709551615'",
        "INT8, 1.5, 'element 1.5 is no whole number'",
        "FP32, 'true', 'element true is no number'",
        "FP32, '\"1\"', 'element 1 is no number'",
        "FP32, 'null', 'element null is no number'",
        "BOOL, 2, 'element 2; expected 0 to 1'",
        "BYTES, 1, 'datatype \"BYTES\" is not known'"
    })
    void namesAnElementThatDoesNotFit(String datatype, String data, String part) {
        assertThatThrownBy(() -> only(datatype, data))
                .isInstanceOf(MalformedRequestException.class)
                .hasMessageContaining(part);
    }

    @Test
    void takesTensorsAsBytesBehindTheText() throws Exception {
        InferRequest request = readBinary(
                "{'inputs':[{'name':'a','datatype':'UINT8','shape':[3],'parameters':{'binary_data_size':3}},"
                        + "{'name':'b','datatype':'INT16','shape':[1],'data':[5]},"
                        + "{'name':'c','datatype':'INT16','shape':[1],'parameters':{'binary_data_size':2}}]}",
                new byte[] {1, 2, 3, 4, 5});
        assertThat(request.inputs().get("a").data().get(2)).isEqualTo((byte) 3);
        assertThat(request.inputs().get("b").data().getShort(0)).isEqualTo((short) 5);
        assertThat(request.inputs().get("c").data().getShort(0)).isEqualTo((short) (5 << 8 | 4));
    }

    @Test
    void refusesBytesThatAreMissingOrTooMany() {
        String json = "{'inputs':[{'name':'a','datatype':'UINT8','shape':[3],'parameters':{'binary_data_size':SIZE}}]}";
        assertRefused(
                () -> readBinary(json.replace("SIZE", "3"), new byte[2]), "3 bytes for UINT8[3]; expected 3, all");
        assertRefused(() -> readBinary(json.replace("SIZE", "2"), new byte[2]), "2 bytes for UINT8[3]; expected 3");
        assertRefused(() -> readBinary(json.replace("SIZE", "3"), new byte[4]), "1 bytes follow the last tensor");
        assertRefused(() -> readBinary(json.replace("SIZE", "-1"), new byte[4]), "binary_data_size is -1");
        assertRefused(() -> InferRequestReader.read(new byte[3], 4), "JSON of 4 bytes in a body of 3");
    }

    private interface Attempt {
        void run() throws Exception;
    }

    private static void assertRefused(Attempt attempt, String part) {
        assertThatThrownBy(attempt::run)
                .isInstanceOf(MalformedRequestException.class)
                .hasMessageContaining(part);
    }

    /** What a shape claims is not believed before that many elements have come. */
    @Test
    void takesNoMemoryForWhatIsNotThere() {
        assertRefused(
                () -> read("{'inputs':[{'name':'x','datatype':'FP32','shape':[500000000],'data':[1]}]}"),
                "1 elements for FP32[500000000]; expected 500000000");
        assertRefused(
                () -> read("{'inputs':[{'name':'x','datatype':'FP32','shape':[9223372036854775807,9],'data':[1]}]}"),
                "input \"x\" has shape");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "7",
                "{",
                "{'inputs':{}}",
                "{'inputs':[1]}",
                "{'inputs':[{}]}",
                "{'inputs':[{'name':1}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[-1],'data':[]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1.5],'data':[1]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1],'data':[{}]}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1],'data':7}]}",
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[1],'data':[1],'data':[2]}]}",
                "{'outputs':[{}]}",
                "{'parameters':{'binary_data_output':3}}",
                "{} {}"
            })
    void refusesInOneLineWhatIsNoRequest(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(MalformedRequestException.class)
                .satisfies(
                        refused -> assertThat(refused.getMessage()).isNotBlank().doesNotContain("\n"));
    }

    @Test
    void refusesAnInputTwice() {
        String input = "{'name':'x','datatype':'UINT8','shape':[1],'data':[1]}";
        assertRefused(() -> read("{'inputs':[" + input + "," + input + "]}"), "input \"x\" is given twice");
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
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(128);
            }
            try {
                InferRequestReader.read(bad, random.nextInt(4) == 0 ? random.nextInt(bad.length) : bad.length);
            } catch (MalformedRequestException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }
}
