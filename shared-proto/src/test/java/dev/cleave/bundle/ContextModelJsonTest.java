package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.codec.CodecParams;
import dev.cleave.codec.context.ContextModel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The key {@code context} of a contract's {@code quant} codec. */
class ContextModelJsonTest {
    /** For tensor "h", float32 [N,3,2], 16 levels. */
    private static final String CONTEXT = "{\"axis\":1,"
            + "\"channels\":[[3,0,128,90,80,-20,0],[0,1,-16777216,0,0,0,0],[15,1,0,1,2,3,32767]],"
            + "\"bins\":2,\"tableOf\":[0,1,1,0],\"tables\":[[0,1,2047],[13,48,1000,500,500]]}";

    private static String contract(String context) throws BundleException {
        String tiny = new String(ContractJson.write(TinyBundle.contract()), StandardCharsets.UTF_8);
        String high = "\"high\":[0.7,1E-7,16777216]";
        assertThat(tiny).contains(high);
        return tiny.replace(high, high + ",\"context\":" + context);
    }

    private static Contract read(String text) throws BundleException {
        return ContractJson.read(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsWhatItWrites() throws Exception {
        Contract contract = read(contract(CONTEXT));
        CodecParams.Quant quant = (CodecParams.Quant)
                contract.points().get(1).levels().get(0).codecs().get(0);
        ContextModel model = quant.context();
        assertThat(model.channels().get(0)).isEqualTo(new ContextModel.Channel(3, 0, 128, 90, 80, -20, 0));
        assertThat(model.tables().get(1).first()).isEqualTo(13);
        assertThat(model.tables().get(1).escape()).isEqualTo(48);
        assertThat(model.tables().get(1).frequency(2)).isEqualTo(500);
        assertThat(new String(ContractJson.write(contract), StandardCharsets.UTF_8))
                .isEqualTo(contract(CONTEXT));
    }

    @Test
    void aModelIsPartOfTheContractsIdentity() throws Exception {
        Contract other = read(contract(CONTEXT.replace("[0,1,2047]", "[1,1,2047]")));
        assertThat(other).isNotEqualTo(read(contract(CONTEXT))).isNotEqualTo(TinyBundle.contract());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"bins\":2          | \"bins\":0              | number of bins 0; expected 1 to 64",
                "\"bins\":2          | \"bins\":65             | number of bins 65",
                "\"bins\":2          | \"bins\":3              | number of table indices 4; expected 3",
                "[0,1,1,0]           | [0,1,2,0]               | table index 2; expected 0 to 1",
                "[0,1,1,0]           | [0,1]                   | group 1; expected 0",
                "[0,1,2047]          | [0,1,2046]              | expected 1 or more each, 2048 together",
                "[0,1,2047]          | [0,0,2048]              | expected 1 or more each, 2048 together",
                "[0,1,2047]          | [0,2049,-1]             | expected 1 or more each, 2048 together",
                "[0,1,2047]          | [0,2048]                | a table of 2 numbers; expected 3 or more",
                "[0,1,2047]          | [-1,1,2047]             | symbols from -1",
                "[0,1,2047]          | [256,1,2047]            | symbols from 256",
                "[13,48              | [14,48                  | no context model with symbols 14..16",
                "[3,0,128            | [16,0,128               | no context model with start 16 for 16 levels",
                "[3,0,128            | [256,0,128              | start 256; expected 0 to 255",
                "[3,0,128            | [3,2,128                | group 2; expected 0 to 1",
                "[3,0,128            | [3,16,128               | group 16; expected 0 to 15",
                "[3,0,128            | [3,0,16777217           | bias 16777217",
                "[3,0,128            | [0                      | a channel of 5 numbers; expected 7",
                "3,32767]            | 3,32768]                | north-east 32768; expected -32767 to 32767",
                "3,32767]            | 3,32767,1]              | a list that goes on; expected at most 7 elements",
                "{\"axis\":1         | {\"axis\":2             | context model of 3 channels on axis 2",
                "{\"axis\":1         | {\"axis\":-1            | number of channels 3; expected 1",
                "{\"axis\":1         | {\"axis\":1,\"more\":2  | unknown key",
                "{\"axis\":1,        | {                       | missing key",
            })
    void refusesAHostileModelByName(String good, String bad, String expected) throws Exception {
        assertThat(CONTEXT).contains(good);
        String text = contract(CONTEXT.replace(good, bad));
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith("contract.json")
                .hasMessageContaining(expected);
    }

    @Test
    void refusesListsOverTheirLimits() throws Exception {
        String tables = "[0,1,2047],".repeat(ContextModel.MAX_TABLES) + "[0,1,2047]";
        String many = contract(CONTEXT.replaceAll("\"tables\":.*", "\"tables\":[" + tables + "]}"));
        assertThatThrownBy(() -> read(many))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("a list that goes on; expected at most 64 elements");
    }
}
