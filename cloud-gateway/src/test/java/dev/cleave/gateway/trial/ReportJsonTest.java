package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportJsonTest {
    private static final PlainJob JOB = new PlainJob("fake", new ModelFiles("m.onnx", Path.of("m.onnx"), Map.of()));
    private static final String TENSOR = "{'name':'x','type':'float32','shape':['?']}";

    private static final String MEMORY = "'memory':{'rows':0,'inputBytes':0,'bytes':0}";

    private static TrialReport read(String json) throws IOException, TrialException {
        return AnswerJson.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), JOB);
    }

    @Test
    void readsWhatWasWritten() throws Exception {
        List<TensorSpec> inputs = Arrays.stream(ElementType.values())
                .map(type -> new TensorSpec("in \"" + type, type, Shape.of(Shape.BATCH, 3, Shape.DYNAMIC)))
                .toList();
        TrialReport joined = new TrialReport(
                inputs,
                List.of(new TensorSpec("y", ElementType.BOOL, Shape.of(Shape.BATCH))),
                "",
                new RunMemory(3, 1L << 40, 1L << 41));
        assertThat(read(ReportJson.write(joined))).isEqualTo(joined);
        TrialReport apart = new TrialReport(
                List.of(new TensorSpec("x", ElementType.UINT8, Shape.of())),
                List.of(new TensorSpec("y", ElementType.INT64, Shape.of(0, Shape.DYNAMIC))),
                "rows mix",
                RunMemory.UNKNOWN);
        assertThat(read(ReportJson.write(apart))).isEqualTo(apart);
        assertThat(ReportJson.write(apart)).doesNotContain("\n");
    }

    @Test
    void aRefusalIsOneBoundedLine() {
        assertThatThrownBy(() -> read(AnswerJson.refused("bad\nmodel\t\u0007here")))
                .isInstanceOf(TrialException.class)
                .hasMessage("bad model here");
        assertThatThrownBy(() -> read(AnswerJson.refused("x".repeat(1 << 16))))
                .isInstanceOf(TrialException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSize(2048));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "null",
                "{}",
                "{'refused':1}",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR + "],'notBatched':'a'," + MEMORY + "} more",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR + "],'notBatched':''," + MEMORY + "}",
                "{'inputs':[" + TENSOR + "],'outputs':[],'notBatched':'a'," + MEMORY + "}",
                "{'inputs':[" + TENSOR + "," + TENSOR + "],'outputs':[" + TENSOR + "],'notBatched':'a'," + MEMORY + "}",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR + "],'notBatched':'a'," + MEMORY + ",'more':1}",
                "{'inputs':[{'name':'x','type':'string','shape':[]}],'outputs':[" + TENSOR + "],'notBatched':'a',"
                        + MEMORY + "}",
                "{'inputs':[{'name':'x','type':'float32','shape':[-1]}],'outputs':[" + TENSOR + "],'notBatched':'a',"
                        + MEMORY + "}",
                "{'inputs':[{'name':'x','type':'float32','shape':[1,'N']}],'outputs':[" + TENSOR + "],'notBatched':'',"
                        + MEMORY + "}",
                "{'inputs':[{'name':'x','type':'float32','shape':[1.5]}],'outputs':[" + TENSOR + "],'notBatched':'a',"
                        + MEMORY + "}",
                "{'inputs':[{'name':'x','type':'float32','shape':['N']}],'outputs':[" + TENSOR + "],'notBatched':'',"
                        + MEMORY + "}",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR + "],'notBatched':'a'}",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR + "],'notBatched':'a','memory':3}",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR
                        + "],'notBatched':'a','memory':{'rows':1,'inputBytes':1,'bytes':-1}}",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR
                        + "],'notBatched':'a','memory':{'rows':0,'inputBytes':0,'bytes':1}}",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR
                        + "],'notBatched':'a','memory':{'rows':4294967297,'inputBytes':1,'bytes':1}}",
                "{'inputs':[" + TENSOR + "],'outputs':[" + TENSOR
                        + "],'notBatched':'a','memory':{'rows':1,'inputBytes':1.5,'bytes':1}}",
                "[[[[[[[[[[[[]]]]]]]]]]]]",
            })
    void refusesWhatItDidNotWrite(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(IOException.class)
                .satisfies(e -> assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n"));
    }
}
