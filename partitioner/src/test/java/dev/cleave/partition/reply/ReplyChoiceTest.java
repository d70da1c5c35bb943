package dev.cleave.partition.reply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyChoiceTest {
    @ParameterizedTest
    @CsvSource({
        "y=raw,             y,      RAW,   0",
        "y=fp16,            y,      FP16,  0",
        "y=quant,           y,      QUANT, 256",
        "y=quant:2,         y,      QUANT, 2",
        "a=b=topk:5,        a=b,    TOP_K, 5",
        "out/scores:0=topk:1000, out/scores:0, TOP_K, 1000"
    })
    void readsANameAndACodec(String text, String output, ReplyChoice.Form form, int number) {
        ReplyChoice choice = ReplyChoice.parse(text);
        assertThat(choice).isEqualTo(new ReplyChoice(output, form, number));
        assertThat(ReplyChoice.parse(choice.toString())).isEqualTo(choice);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "y",
                "y=",
                "=raw",
                "y=zip",
                "y=raw:3",
                "y=quant:1",
                "y=quant:257",
                "y=quant:",
                "y=topk",
                "y=topk:0",
                "y=topk:-1",
                "y=topk:999999999",
                "y=TOPK:5"
            })
    void refusesAnythingElseInOneLine(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReplyChoice.parse(text))
                .withMessage("reply \"" + text + "\"; expected NAME=raw, NAME=fp16, NAME=quant[:LEVELS] with 2 to 256"
                        + " levels, or NAME=topk:K with K of at least 1");
    }
}
