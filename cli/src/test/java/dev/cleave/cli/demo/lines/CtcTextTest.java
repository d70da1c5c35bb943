package dev.cleave.cli.demo.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.StringStringEntryProto;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CtcTextTest {
    /** 0 is the blank, 1 to 3 are a to c, 4 is the space. */
    private final CtcText text = new CtcText(List.of("a", "b", "c"));

    @Test
    void collapsesRepeatsAndDropsBlanks() {
        assertThat(text.decode(new long[] {0, 1, 1, 0, 2, 2, 2, 3, 0, 0})).isEqualTo("abc");
        assertThat(text.decode(new long[] {1, 0, 1})).isEqualTo("aa");
        assertThat(text.decode(new long[] {0, 0})).isEmpty();
    }

    @Test
    void keepsInnerSpacesAndDropsOuterOnes() {
        assertThat(text.decode(new long[] {4, 0, 1, 4, 4, 2, 0, 4})).isEqualTo("a b");
    }

    @Test
    void refusesAClassThatThereIsNot() {
        assertThatThrownBy(() -> text.decode(new long[] {5})).hasMessage("class 5; expected 0 to 4");
        assertThatThrownBy(() -> text.decode(new long[] {-1})).hasMessage("class -1; expected 0 to 4");
    }

    @Test
    void takesTheCharactersFromTheModelsMetadata() throws IOException {
        byte[] model = ModelProto.newBuilder()
                .addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey("character").setValue("x\ny\n"))
                .build()
                .toByteArray();
        CtcText ofModel = CtcText.ofModel(model);
        assertThat(ofModel.classes()).isEqualTo(4);
        assertThat(ofModel.decode(new long[] {2, 3, 1})).isEqualTo("y x");
    }

    @Test
    void saysThatAModelHasNoCharacters() {
        assertThatThrownBy(() -> CtcText.ofModel(new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no \"character\"");
    }
}
