package dev.cleave.endtoend.exact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Turns plain English sentences into the token ids of a BERT vocabulary: the longest known piece first. */
final class WordPieces {
    private final JsonNode vocabulary;

    private WordPieces(JsonNode vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Reads a {@code tokenizer.json}. */
    static WordPieces read(InputStream tokenizer) throws IOException {
        return new WordPieces(new ObjectMapper().readTree(tokenizer).at("/model/vocab"));
    }

    /** Ids of a sentence of words and simple punctuation, between {@code [CLS]} and {@code [SEP]}. */
    long[] ids(String sentence) {
        List<Long> ids = new ArrayList<>();
        ids.add(id("[CLS]"));
        for (String word : sentence.toLowerCase(Locale.ROOT).split("\\s+|(?=\\p{Punct})")) {
            addPieces(word, ids);
        }
        ids.add(id("[SEP]"));
        return ids.stream().mapToLong(Long::longValue).toArray();
    }

    private void addPieces(String word, List<Long> ids) {
        String prefix = "";
        for (int from = 0; from < word.length(); prefix = "##") {
            int to = word.length();
            while (to > from && !vocabulary.has(prefix + word.substring(from, to))) {
                to--;
            }
            if (to == from) {
                ids.add(id("[UNK]"));
                return;
            }
            ids.add(id(prefix + word.substring(from, to)));
            from = to;
        }
    }

    private long id(String piece) {
        return vocabulary.get(piece).asLong();
    }
}
