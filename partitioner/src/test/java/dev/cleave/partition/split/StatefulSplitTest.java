package dev.cleave.partition.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.bundle.StateTensor.Side;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.Recurrent;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.reply.ReplyChoice;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.verify.ReferenceModel;
import dev.cleave.partition.verify.Verifier;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Models that remember: cut where their state stays on one side, calibrated and verified on sequences. */
class StatefulSplitTest extends SplitFixture {
    private static Samples frames(int count) {
        return Samples.of(IntStream.range(0, count)
                .mapToObj(time -> new Sample("frame-" + time, Map.of("x", Recurrent.frame(time))))
                .toList());
    }

    private SplitRequest request(String... points) {
        return splits.request(Recurrent.network(), points).withState(Recurrent.STATE);
    }

    private VerifyReport verify(Bundle bundle, Verifier.Reference reference) throws Exception {
        return new Verifier(bundle, splits.engine(), SessionOptions.defaults(), null, Progress.NONE)
                .verify(frames(50), reference, "digest", name -> null, false);
    }

    private static List<String> inputs(List<StateTensor> state) {
        return state.stream().map(StateTensor::input).toList();
    }

    @Test
    void everyPointSaysOnWhichSideItsStateIs() throws Exception {
        Contract contract = splits.bundle(request("a", "b", "d")).contract();
        assertThat(contract.points()).extracting(point -> point.specs().size()).containsExactly(1, 1, 1, 1);
        assertThat(inputs(contract.stateAfter(0))).containsExactly("m1", "m2");
        assertThat(inputs(contract.stateAfter(1))).containsExactly("m1", "m2");
        assertThat(inputs(contract.stateBefore(2))).containsExactly("m1");
        assertThat(inputs(contract.stateAfter(2))).containsExactly("m2");
        assertThat(inputs(contract.stateBefore(3))).containsExactly("m1", "m2");
        assertThat(contract.stateAfter(contract.local())).isEmpty();
        assertThat(contract.state())
                .as("of the first point")
                .containsExactly(
                        new StateTensor("m1", "next1", Side.CLOUD), new StateTensor("m2", "next2", Side.CLOUD));
        assertThat(contract.lateOutputs(1)).extracting(spec -> spec.name()).containsExactly("y");
    }

    @Test
    void theToolChoosesPointsThatKeepStateOnOneSide() throws Exception {
        Contract contract = splits.bundle(
                        request().withAt(List.of()).withPlanned(true).withCount(3))
                .contract();
        assertThat(contract.splitPoints()).isEqualTo(3);
        for (int point = 1; point <= 3; point++) {
            List<String> crossing = contract.points().get(point).specs().stream()
                    .map(spec -> spec.name())
                    .toList();
            assertThat(crossing).doesNotContain("m1", "m2");
        }
        assertThat(verify(splits.bundle(request("a")), null).passed()).isTrue();
    }

    /** In full precision the split is the model over 50 frames, by both ways of running it; calibration is of the same sequence. */
    @Test
    void calibratedAndVerifiedOnSequences() throws Exception {
        SplitRequest request = request("a", "b", "d").withMaxDisagreement(1).withWantedAgreement(0.9);
        Bundle bundle = Bundle.open(splits.split(request, frames(60)).bundle());
        assertThat(bundle.contract().points().get(1).levels().get(0).codecs().get(0))
                .isInstanceOf(CodecParams.Quant.class);
        OnnxModel model = OnnxModel.read(request.model());
        try (ReferenceModel reference =
                ReferenceModel.load(model, bundle.contract(), splits.engine(), SessionOptions.defaults())) {
            VerifyReport report = verify(bundle, reference);
            assertThat(report.passed()).isTrue();
            assertThat(report.exact()).allMatch(exact -> exact.maxRelativeError() <= 1e-4);
            assertThat(report.points())
                    .allMatch(point -> point.level().agreeing().share() >= 0.8);
            VerifyReport.Level raw = last(report.points().get(1).levels());
            assertThat(raw.maxRelError()).as("nothing is lost, state included").isLessThan(1e-4);
        }
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }

    /** Were state not carried, this would be the same model. */
    @Test
    void aModelThatForgetsIsNotTheSame() throws Exception {
        Bundle bundle = splits.bundle(request("a", "d"));
        OnnxModel model = OnnxModel.read(request("a").model());
        try (ReferenceModel reference =
                ReferenceModel.load(model, bundle.contract(), splits.engine(), SessionOptions.defaults())) {
            VerifyReport report = verify(bundle, inputs -> {
                Map<String, Tensor> forgetful = new HashMap<>(inputs);
                forgetful.put("m1", Recurrent.zeros());
                return reference.run(forgetful);
            });
            assertThat(report.passed()).isFalse();
        }
    }

    private void assertRefused(SplitRequest request, String message) {
        assertThatThrownBy(() -> splits.split(request, frames(8)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatCannotBeCarriedIsRefusedByName() throws Exception {
        assertRefused(request("sum_z1"), "it would ship state: \"next1\" (fed back to \"m1\") is made after it");
        assertRefused(request("a").withEdgeMode(EdgeMode.ALWAYS), "in INT8: its state \"m1\" would add up");
        assertRefused(request("a").withHalfTails(true), "with tails in fp16: its state \"m1\" would go round");
        assertRefused(
                request("a").withReplies(List.of(ReplyChoice.parse("next1=fp16"))),
                "the output is state, which stays where it is made");
        ModelBuilder growing = new ModelBuilder()
                .input("x", 1, 4)
                .input("past", ElementType.FLOAT32, "length", 4)
                .node("Concat", "past x", "present")
                .with("axis", 0)
                .node("ReduceSum", "present", "r")
                .node("Exp", "r", "y");
        growing.output("y").output("present", ElementType.FLOAT32, "more", 4);
        assertThatThrownBy(() -> splits.bundle(
                        splits.request(growing, "present").withState(List.of(new StatePair("past", "present")))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("state \"past\" has shape float32[?,4]; expected a fixed one");
    }
}
