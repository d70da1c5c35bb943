package dev.cleave.partition.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.shape.ProbeSettings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryEstimateTest {
    @TempDir
    Path folder;

    /** Sizes in bytes: x 40, a 80, b 80, c 120, d 120, y 160. */
    private ModelBuilder skipping() {
        return new ModelBuilder()
                .input("x", "N", 10)
                .weights("wa", 10, 20)
                .weights("wc", 20, 30)
                .weights("wy", 30, 40)
                .node("MatMul", "x wa", "a")
                .node("Sin", "a", "b")
                .node("MatMul", "b wc", "c")
                .node("MatMul", "a wc", "e")
                .node("Add", "c e", "d")
                .node("MatMul", "d wy", "y")
                .output("y");
    }

    @Test
    void countsWeightsOnceAndTensorsWhileTheyAreStillNeeded() throws Exception {
        ModelSummary model = summary(skipping());
        // While c, e and d are there, and x, which is the caller's: 40 + 3 x 120.
        assertThat(MemoryEstimate.ofWhole(model.model().flow(), model.model().facts()))
                .isEqualTo(new MemoryEstimate(4 * (200 + 600 + 1200), 400));
        Cut cut = model.cuts().at(List.of("b"));
        assertThat(cut.boundary()).containsExactly("a", "b");
        // x, a and b.
        assertThat(head(model, cut)).isEqualTo(new MemoryEstimate(4 * 200, 40 + 80 + 80));
        // a and b are given; c, e and d are made.
        assertThat(tail(model, cut)).isEqualTo(new MemoryEstimate(4 * (600 + 1200), 160 + 360));
    }

    @Test
    void keepsOutputsThatTheHeadMakesToItsEnd() throws Exception {
        ModelSummary model = summary(new ModelBuilder()
                .input("x", "N", 10)
                .weights("wide", 10, 100)
                .weights("narrow", 10, 5)
                .node("MatMul", "x wide", "early")
                .node("MatMul", "x narrow", "a")
                .node("Sin", "a", "b")
                .node("Cos", "b", "y")
                .output("early", "y"));
        Cut cut = model.cuts().at(List.of("b"));
        assertThat(cut.earlyOutputs()).isEmpty();
        assertThat(head(model, cut)).isEqualTo(new MemoryEstimate(200, 40 + 20 + 20));
        Cut after = model.cuts().all().stream()
                .filter(each ->
                        each.earlyOutputs().contains("early") && each.boundary().equals(List.of("b")))
                .findFirst()
                .orElseThrow();
        assertThat(head(model, after)).isEqualTo(new MemoryEstimate(4200, 40 + 400 + 20 + 20));
    }

    @Test
    void countsTensorsOfConstantNodesWhereverTheyAreRead() throws Exception {
        ModelSummary model = summary(new ModelBuilder()
                .input("x", "N", 10)
                .node("Constant", "", "k")
                .with("value", ModelBuilder.randomFloats("k", 10, 10))
                .node("Sqrt", "k", "root")
                .node("MatMul", "x root", "a")
                .node("Sin", "a", "b")
                .node("MatMul", "b k", "y")
                .output("y"));
        Cut cut = model.cuts().at(List.of("b"));
        assertThat(head(model, cut).weightBytes()).isEqualTo(400);
        assertThat(tail(model, cut).weightBytes()).isEqualTo(400);
        assertThat(head(model, cut).totalBytes()).isEqualTo(400 + 120);
    }

    @Test
    void countsWeightsThatAreComputedAtTheirSize() throws Exception {
        ModelSummary model = summary(new ModelBuilder()
                .input("x", "N", 10)
                .longs("square", 10, 10)
                .node("ConstantOfShape", "square", "w")
                .node("MatMul", "x w", "a")
                .node("Sin", "a", "b")
                .node("MatMul", "b w", "y")
                .output("y"));
        assertThat(tail(model, model.cuts().at(List.of("b"))).weightBytes()).isEqualTo(400);
    }

    private static MemoryEstimate head(ModelSummary model, Cut cut) {
        return MemoryEstimate.ofHead(model.model().flow(), model.model().facts(), cut);
    }

    private static MemoryEstimate tail(ModelSummary model, Cut cut) {
        return MemoryEstimate.ofTail(model.model().flow(), model.model().facts(), cut);
    }

    private ModelSummary summary(ModelBuilder builder) throws Exception {
        try (Engine engine = Engines.create("onnxruntime")) {
            return ModelSummary.of(builder.read(folder), engine, ProbeSettings.defaults());
        }
    }
}
