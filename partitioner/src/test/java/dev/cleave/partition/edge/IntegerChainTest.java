package dev.cleave.partition.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.View;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.cut.NestedChains;
import dev.cleave.partition.draft.DraftBundle;
import dev.cleave.partition.draft.ModelTitle;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.sample.Samples;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cuts at integers change nothing: the device's segments, one after another, give the very bits of its whole. */
class IntegerChainTest extends SplitFixture {
    private static final int ROWS = 3;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void segmentsInIntegersGiveTheBitsOfTheWhole(long seed) throws Exception {
        Edges edges = Edges.of(RandomNetworks.of(seed), folder, splits.engine(), Edges.LAX);
        List<Cut> cuts = edges.floats().cuts().all().stream()
                .filter(edges.edge()::offers)
                .toList();
        assertThat(cuts).anyMatch(cut -> cut.boundary().size() > 1).hasSizeGreaterThan(4);
        for (Ladder ladder : NestedChains.of(cuts)) {
            assertChainIsExact(bundle(edges, ladder));
        }
    }

    private Bundle bundle(Edges edges, Ladder ladder) throws Exception {
        DraftBundle draft = DraftBundle.extract(
                        ModelTitle.unnamed(),
                        edges.floats().model(),
                        null,
                        List.of(),
                        ladder,
                        0,
                        DraftBundle.rawReplies(edges.floats().model()),
                        folder.resolve("float.bin"))
                .withEdge(edges.edge(), folder.resolve("integers.bin"));
        Contract contract = draft.contract(draft.carefulParams());
        draft.writer(contract)
                .write(new Manifest(View.FULL, contract.local(), "test", List.of()), folder.resolve("a.cleave"));
        return Bundle.open(folder.resolve("a.cleave"));
    }

    private void assertChainIsExact(Bundle bundle) throws Exception {
        Contract contract = bundle.contract();
        Map<String, Tensor> inputs = Map.of("x", rows());
        SessionOptions options = SessionOptions.defaults();
        try (SegmentChain chain = SegmentChain.load(
                        bundle, splits.engine(), options, contract.edgePrecision(), 0, contract.local());
                Session whole = splits.engine().load(bundle.graph(contract.edgePrecision(), "whole"), options)) {
            Tensor expected = whole.run(inputs).get("y");
            assertThat(expected.shape().dim(0)).isEqualTo(ROWS);
            assertThat(chain.run(0, contract.local(), inputs, 0).get("y").data())
                    .isEqualTo(expected.data());
            Map<String, Tensor> live = inputs;
            for (int point = 1; point <= contract.splitPoints(); point++) {
                live = chain.run(point - 1, point, live, 0);
                assertThat(live.values()).as("point %d", point).allMatch(tensor -> tensor.type() == ElementType.UINT8);
                assertThat(chain.run(point, contract.local(), live, 0).get("y").data())
                        .as("from point %d on", point)
                        .isEqualTo(expected.data());
            }
        }
    }

    private static Tensor rows() throws Exception {
        Samples pictures = Networks.pictures(ROWS);
        Tensor first = pictures.get(0).inputs().get("x");
        Tensor rows = Tensor.allocate(first.type(), first.shape().withDim(0, ROWS));
        for (int row = 0; row < ROWS; row++) {
            rows.data()
                    .position(row * first.bytes())
                    .put(pictures.get(row).inputs().get("x").data());
        }
        return rows;
    }
}
