package dev.cleave.cli.demo.lines;

import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.StringStringEntryProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Greedy decoding of a text recogniser trained with connectionist temporal classification (Graves et al., ICML 2006):
 * the best class of each step, repeats collapsed, blanks dropped.
 *
 * <p>Class 0 is the blank, class i is character i - 1 of the list that PP-OCR models carry in their metadata, and one
 * last class is the space.
 */
public final class CtcText {
    private static final String CHARACTERS_KEY = "character";
    private static final int BLANK = 0;

    /** By class; the blank is empty. */
    private final List<String> symbols;

    CtcText(List<String> characters) {
        List<String> all = new ArrayList<>(characters.size() + 2);
        all.add("");
        all.addAll(characters);
        all.add(" ");
        symbols = List.copyOf(all);
    }

    /**
     * Takes the list of characters from a model's metadata.
     *
     * @param onnx bytes of the model file
     * @throws IOException if it is no ONNX model or has no such list
     */
    public static CtcText ofModel(byte[] onnx) throws IOException {
        ModelProto model = ModelProto.parseFrom(onnx);
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            if (entry.getKey().equals(CHARACTERS_KEY)) {
                return new CtcText(List.of(entry.getValue().split("\n")));
            }
        }
        throw new IOException("the model's metadata has no \"" + CHARACTERS_KEY + "\"; expected a list of characters");
    }

    /** Number of classes, the blank and the space included. */
    public int classes() {
        return symbols.size();
    }

    /**
     * Decodes the best class of each step. Spaces at either end are dropped: the empty paper around a line reads as such.
     *
     * @throws IllegalArgumentException for a class that there is not
     */
    public String decode(long[] bestClasses) {
        StringBuilder text = new StringBuilder();
        long previous = BLANK;
        for (long best : bestClasses) {
            if (best < 0 || best >= symbols.size()) {
                throw new IllegalArgumentException("class " + best + "; expected 0 to " + (symbols.size() - 1));
            }
            if (best != previous) {
                text.append(symbols.get((int) best));
            }
            previous = best;
        }
        return text.toString().strip();
    }
}
