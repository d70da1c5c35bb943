package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.Material;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * ONNX's own models of operators, each with inputs and the outputs they should give (Debian: {@code apt-get install
 * libonnx-testdata}): what is converted gives these outputs, and what is not is refused with its operator's name.
 */
class OperatorFixturesTest {
    private static final Path INSTALLED = Path.of("/usr/share/libonnx-testdata/data");
    private static final double TOLERANCE = 1e-4;

    /** What became of a fixture. */
    private enum Outcome {
        EXACT("converted and exact"),
        EXACT_WITH_PARAMETERS("converted and exact once their parameters are constants"),
        REFUSED("refused, with the operator's name"),
        REFUSED_TENSOR("refused for the type or the shape of a tensor, with its name"),
        INVALID("not loaded or run by ONNX Runtime"),
        WRONG("wrong");

        private final String words;

        Outcome(String words) {
            this.words = words;
        }
    }

    private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    private final Map<String, String> wrong = new TreeMap<>();
    private final Map<String, Integer> refused = new TreeMap<>();
    private String operator;

    @Test
    void claimedOperatorsGiveTheReferencesAndOthersAreRefusedByName() throws Exception {
        try (Engine engine = Engines.create("onnxruntime")) {
            for (Path model : models()) {
                Outcome outcome = outcome(model, engine);
                counts.merge(outcome, 1, Integer::sum);
                if (outcome == Outcome.REFUSED) {
                    refused.merge(operator, 1, Integer::sum);
                }
            }
        }
        counts.forEach((outcome, count) -> System.out.println("operator fixtures " + outcome.words + ": " + count));
        System.out.println("refused: " + refused);
        assertThat(wrong).isEmpty();
        assertThat(counts).containsKey(Outcome.EXACT);
    }

    private static List<Path> models() throws Exception {
        Path folder = Files.isDirectory(INSTALLED) ? INSTALLED : Material.require("odd/onnx_backend");
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> models = files.filter(file -> file.endsWith("model.onnx"))
                    .filter(file -> Files.isDirectory(file.resolveSibling("test_data_set_0")))
                    .sorted()
                    .toList();
            assumeTrue(!models.isEmpty(), "there are no fixtures in " + folder);
            return models;
        }
    }

    private Outcome outcome(Path file, Engine engine) throws Exception {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
        Outcome given = attempt(model, file, engine);
        if (given != Outcome.EXACT && given != Outcome.WRONG) {
            String first = operator;
            Outcome stored = attempt(stored(model, file), file, engine);
            operator = first;
            return stored == Outcome.EXACT ? Outcome.EXACT_WITH_PARAMETERS : stored == Outcome.WRONG ? stored : given;
        }
        return given;
    }

    /** The model with all its inputs but the first as weights: many operators want to know them beforehand. */
    private static ModelProto stored(ModelProto model, Path file) throws Exception {
        GraphProto.Builder graph = model.getGraph().toBuilder();
        for (int i = model.getGraph().getInputCount() - 1; i > 0; i--) {
            Path values = file.resolveSibling("test_data_set_0").resolve("input_" + i + ".pb");
            if (!Files.exists(values)) {
                return model;
            }
            String input = graph.getInput(i).getName();
            graph.removeInput(i)
                    .addInitializer(TensorProto.parseFrom(Files.readAllBytes(values)).toBuilder()
                            .setName(input));
        }
        return model.toBuilder().setGraph(graph).build();
    }

    private Outcome attempt(ModelProto model, Path file, Engine engine) throws Exception {
        String name = file.getParent().getFileName().toString();
        try {
            Conversion conversion = Conversion.of(engine, new GraphSource(name, model.toByteArray()));
            Set<String> weights = new HashSet<>();
            model.getGraph().getInitializerList().forEach(weight -> weights.add(weight.getName()));
            List<ValueInfoProto> declared = new ArrayList<>(model.getGraph().getInputList());
            declared.removeIf(input -> weights.contains(input.getName()));
            Map<String, Tensor> inputs = tensors(declared, file, "input");
            Map<String, Tensor> outputs = tensors(model.getGraph().getOutputList(), file, "output");
            double error = conversion.error(outputs, inputs);
            if (error <= TOLERANCE) {
                return Outcome.EXACT;
            }
            wrong.put(name, "error " + error);
        } catch (UnconvertibleException refusal) {
            operator = refusal.operator();
            return operator.isEmpty() ? Outcome.REFUSED_TENSOR : Outcome.REFUSED;
        } catch (ModelException failure) {
            return Outcome.INVALID;
        } catch (IllegalStateException | AssertionError failure) {
            wrong.put(name, failure.getMessage());
        }
        return Outcome.WRONG;
    }

    private static Map<String, Tensor> tensors(List<ValueInfoProto> declared, Path model, String kind)
            throws Exception {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < declared.size(); i++) {
            Path file = model.resolveSibling("test_data_set_0").resolve(kind + "_" + i + ".pb");
            TensorProto tensor = TensorProto.parseFrom(Files.readAllBytes(file));
            tensors.put(declared.get(i).getName(), tensor(tensor));
        }
        return tensors;
    }

    private static Tensor tensor(TensorProto proto) {
        ElementType type = ElementType.fromOnnxCode(proto.getDataType());
        long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        Tensor tensor = Tensor.allocate(type, Shape.of(dims));
        ByteBuffer data = tensor.data().order(ByteOrder.LITTLE_ENDIAN);
        if (proto.hasRawData()) {
            data.put(proto.getRawData().asReadOnlyByteBuffer());
            return tensor;
        }
        proto.getFloatDataList().forEach(data::putFloat);
        proto.getInt64DataList().forEach(data::putLong);
        proto.getInt32DataList().forEach(value -> {
            if (type.bytes() == 1) {
                data.put(value.byteValue());
            } else {
                data.putInt(value);
            }
        });
        return tensor;
    }
}
