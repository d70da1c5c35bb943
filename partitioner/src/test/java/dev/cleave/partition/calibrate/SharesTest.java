package dev.cleave.partition.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.partition.Splits;
import dev.cleave.partition.sample.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharesTest {
    @ParameterizedTest
    @ValueSource(ints = {12, 13, 24, 100, 1001})
    void everyInputHasOneUseAndHalfOfThemChoose(int inputs) {
        Shares shares = Shares.of(inputs);
        List<Integer> all = new ArrayList<>(shares.learn());
        all.addAll(shares.choose());
        all.addAll(shares.report());
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, inputs).boxed().toList());
        assertThat(shares.apart()).isTrue();
        assertThat(shares.choose().size()).isBetween(inputs / 2 - 1, inputs / 2 + 1);
        assertThat(shares.learn().size()).isBetween(inputs / 4 - 1, inputs / 4 + 1);
        assertThat(shares.weighed()).isEqualTo(shares.choose());
    }

    /** Ten classes one after the other, and classes that take turns, two and four of them. */
    @Test
    void noClassIsMissingFromAShareHoweverInputsAreSorted() {
        Shares shares = Shares.of(160);
        for (List<Integer> share : List.of(shares.learn(), shares.choose(), shares.report())) {
            assertThat(share.stream().map(i -> i / 16).distinct()).hasSize(10);
            assertThat(share.stream().map(i -> i % 2).distinct()).hasSize(2);
            assertThat(share.stream().map(i -> i % 4).distinct()).hasSize(4);
        }
    }

    @Test
    void whoeverDecidesSeesAllButTheReportAndAllOfFew() throws Exception {
        for (int inputs : new int[] {11, 12, 50}) {
            Samples all = Splits.vectors(inputs, 1);
            Samples seen = Shares.unreported(all);
            Shares shares = Shares.of(inputs);
            List<String> names = new ArrayList<>();
            for (int i = 0; i < seen.size(); i++) {
                names.add(seen.get(i).name());
            }
            assertThat(names).hasSize(shares.apart() ? inputs - shares.report().size() : inputs);
            for (int i = 0; i < inputs; i++) {
                boolean reports = shares.apart() && shares.report().contains(i);
                assertThat(names.contains(all.get(i).name())).isEqualTo(!reports);
            }
            assertThat(Shares.reported(all).size()).isEqualTo(shares.report().size());
            for (int i = 0; i < shares.report().size(); i++) {
                assertThat(Shares.reported(all).get(i).name())
                        .isEqualTo(all.get(shares.report().get(i)).name());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 11})
    void fewInputsServeForEverythingAndSaySo(int inputs) {
        Shares shares = Shares.of(inputs);
        assertThat(shares.apart()).isFalse();
        assertThat(shares.choose()).hasSize(inputs);
        assertThat(shares.report()).hasSize(inputs);
        assertThat(shares.learn()).hasSize((inputs + 1) / 2);
        assertThat(shares.weighed()).isNotEmpty();
        if (inputs > 1) {
            assertThat(shares.weighed()).doesNotContainAnyElementsOf(shares.learn());
        }
    }
}
