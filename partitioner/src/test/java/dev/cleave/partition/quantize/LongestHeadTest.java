package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.partition.progress.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of which every node in integers, from a known one on, breaks the budget. */
class LongestHeadTest {
    private static final QuantizeSettings SETTINGS = QuantizeSettings.defaults().withMaxDisagreement(0.02);
    private static final Quality GOOD = new Quality(100, 98, 0.1);
    private static final Quality BAD = new Quality(100, 97, 0.1);

    private final List<Collection<Integer>> tried = new ArrayList<>();

    /** Nodes have other indices than places, as a graph has nodes that are no candidates. */
    private static List<Integer> nodes(int count) {
        return IntStream.range(0, count).map(i -> 3 * i + 1).boxed().toList();
    }

    /** @param breaking place of the first node that must stay in float */
    private List<Integer> search(int count, int breaking) throws Exception {
        List<Integer> needed = nodes(count).subList(breaking, count);
        tried.clear();
        Sensitivity.Trial trial = kept -> {
            tried.add(List.copyOf(kept));
            return kept.containsAll(needed) ? GOOD : BAD;
        };
        return new LongestHead(trial, SETTINGS, Progress.NONE).search(nodes(count));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 101})
    void findsTheLongestHeadInFewTrials(int count) throws Exception {
        int most = 32 - Integer.numberOfLeadingZeros(count);
        for (int breaking = 0; breaking < count; breaking++) {
            assertThat(search(count, breaking)).isEqualTo(nodes(count).subList(breaking, count));
            assertThat(tried).hasSizeLessThanOrEqualTo(most);
        }
    }

    @Test
    void leavesAllInFloatWhereNotOneNodeMayBeIntegers() throws Exception {
        assertThat(search(40, 0)).isEqualTo(nodes(40));
    }

    @Test
    void everyTrialIsAHead() throws Exception {
        search(64, 23);
        assertThat(tried)
                .isNotEmpty()
                .allSatisfy(kept ->
                        assertThat(kept).containsExactlyElementsOf(nodes(64).subList(64 - kept.size(), 64)));
    }
}
