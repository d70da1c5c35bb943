package dev.cleave.partition.extract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.StringStringEntryProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.shape.ProbeSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentExtractorTest {
    @TempDir
    Path folder;

    @Test
    void writesEveryWeightOnceInTheOrderOfItsFirstUse() throws Exception {
        ModelBuilder builder = new ModelBuilder()
                .input("x", "N", 64)
                .weights("last", 64, 64)
                .weights("big", 64, 512)
                .weights("first", 64, 64)
                .weights("narrow", 512, 64)
                .initializer(ModelBuilder.randomFloats("first", 64, 64).toBuilder()
                        .setName("twin")
                        .build())
                .node("MatMul", "x first", "a")
                .node("Sigmoid", "a", "a1")
                .node("MatMul", "a1 big", "b")
                .node("Sigmoid", "b", "b1")
                .node("MatMul", "b1 narrow", "c")
                .node("Sigmoid", "c", "c1")
                .node("MatMul", "c1 twin", "d")
                .node("MatMul", "d last", "y")
                .output("y");
        ExtractedModel model = extract(builder, List.of(List.of("a1"), List.of("c1")));
        // first 16 KiB; big and narrow 128 KiB each, page-aligned; last 16 KiB.
        assertThat(model.prefixSizes()).containsExactly(0, 16384, 278528, 294912);
        assertThat(Files.size(model.weights())).isEqualTo(model.weightsBytes());
        assertThat(model.precision()).isEqualTo("fp32");
        assertThat(model.weightsLocation()).isEqualTo("weights/fp32.bin");
        assertThat(model.graphs().keySet())
                .containsExactly(
                        "segment-0", "segment-1", "segment-2", "head-1", "head-2", "tail-1", "tail-2", "whole");
        assertThat(model.graphs().values())
                .allSatisfy(graph -> assertThat(graph).hasSizeLessThan(1500));
        assertThat(external(model, "segment-2", "twin")).containsEntry("offset", "0");
        assertThat(external(model, "tail-1", "big"))
                .containsEntry("offset", "16384")
                .containsEntry("length", "131072")
                .containsEntry("location", "weights/fp32.bin");
    }

    @Test
    void keepsSmallTensorsInTheGraphsAndListsOnlyWhatASegmentReads() throws Exception {
        ModelBuilder builder = new ModelBuilder()
                .irVersion(3)
                .input("x", "N", 4, 4)
                .input("unused", "N", 2)
                .longs("target", 0, 16)
                .weights("w", 16, 64)
                .node("Exp", "x", "a")
                .node("Sin", "a", "b")
                .node("Reshape", "b target", "c")
                .node("MatMul", "c w", "d")
                .node("Flatten", "a", "e")
                .node("Concat", "d e", "y")
                .with("axis", 1)
                .output("y", "b");
        ExtractedModel model = extract(builder, List.of(List.of("a"), List.of("c")));
        ModelProto middle = ModelProto.parseFrom(model.graphs().get("segment-1"));
        assertThat(names(middle.getGraph().getInputList())).containsExactly("a");
        assertThat(names(middle.getGraph().getOutputList())).containsExactly("c", "b");
        assertThat(middle.getGraph().getInitializer(0).getName()).isEqualTo("target");
        assertThat(middle.getGraph().getInitializer(0).getRawData().size()).isEqualTo(16);
        assertThat(middle.getIrVersion()).isEqualTo(4);
        ModelProto whole = ModelProto.parseFrom(model.graphs().get("whole"));
        assertThat(names(whole.getGraph().getInputList())).containsExactly("x", "unused");
        assertThat(names(whole.getGraph().getOutputList())).containsExactly("y", "b");
        ModelProto tail = ModelProto.parseFrom(model.graphs().get("tail-2"));
        assertThat(names(tail.getGraph().getInputList())).containsExactly("a", "c");
        assertThat(tail.getGraph()
                        .getInput(0)
                        .getType()
                        .getTensorType()
                        .getShape()
                        .getDim(0)
                        .getDimParam())
                .isEqualTo("N");
    }

    @Test
    void makesEqualBytesOfEqualModels() throws Exception {
        ModelBuilder builder = new ModelBuilder()
                .input("x", "N", 32)
                .weights("w", 32, 32)
                .node("MatMul", "x w", "a")
                .node("Sigmoid", "a", "b")
                .node("MatMul", "b w", "y")
                .output("y");
        ExtractedModel one = extract(builder, List.of(List.of("b")));
        byte[] weights = Files.readAllBytes(one.weights());
        ExtractedModel other = extract(builder, List.of(List.of("b")));
        assertThat(Files.readAllBytes(other.weights())).isEqualTo(weights);
        one.graphs()
                .forEach((name, graph) -> assertThat(other.graphs().get(name)).isEqualTo(graph));
    }

    private ExtractedModel extract(ModelBuilder builder, List<List<String>> points) throws Exception {
        try (Engine engine = Engines.create("onnxruntime")) {
            ModelSummary summary = ModelSummary.of(builder.read(folder), engine, ProbeSettings.defaults());
            Ladder ladder = summary.at(points);
            return new SegmentExtractor(summary.model().flow(), summary.model().facts(), ladder)
                    .extract(folder.resolve("weights.bin"));
        }
    }

    private static Map<String, String> external(ExtractedModel model, String graph, String name) throws Exception {
        for (TensorProto tensor :
                ModelProto.parseFrom(model.graphs().get(graph)).getGraph().getInitializerList()) {
            if (tensor.getName().equals(name)) {
                return tensor.getExternalDataList().stream()
                        .collect(Collectors.toMap(StringStringEntryProto::getKey, StringStringEntryProto::getValue));
            }
        }
        throw new AssertionError(graph + " has no initializer " + name);
    }

    private static List<String> names(List<ValueInfoProto> values) {
        return values.stream().map(ValueInfoProto::getName).toList();
    }
}
