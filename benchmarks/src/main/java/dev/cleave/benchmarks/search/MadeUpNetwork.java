package dev.cleave.benchmarks.search;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.NodeProto;
import dev.cleave.onnx.OperatorSetIdProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.onnx.TensorShapeProto;
import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Shapes of networks as ONNX models with small tensors and seeded weights: what matters is how many nodes there are. */
enum MadeUpNetwork {
    /** Blocks of ten nodes: a convolution, four branches of a convolution and its activation, and their concatenation. */
    INCEPTION {
        @Override
        void addNodes(Writer writer, int nodes) {
            String last = "input";
            int channels = CHANNELS;
            for (int block = 0; block < nodes / 10; block++) {
                String fork = writer.convolution(last, channels);
                List<String> branches = new ArrayList<>();
                for (int branch = 0; branch < 4; branch++) {
                    branches.add(writer.node("Relu", writer.convolution(fork, CHANNELS)));
                }
                last = writer.concatenation(branches);
                channels = 4 * CHANNELS;
            }
            writer.output(last, channels);
        }
    },
    /** Pairs of a sum and a convolution; a sum reads six of the fifty pairs before it, but not the last one. */
    LONG_SKIPS {
        @Override
        void addNodes(Writer writer, int nodes) {
            List<String> made = new ArrayList<>(List.of("input", writer.convolution("input", CHANNELS)));
            while (2 * made.size() < nodes) {
                List<String> read = new ArrayList<>(List.of(made.get(made.size() - 2)));
                for (int i = 0; i < 5; i++) {
                    read.add(made.get(made.size() - 2 - writer.random.nextInt(Math.min(50, made.size() - 1))));
                }
                made.add(writer.convolution(writer.node("Sum", read.toArray(new String[0])), CHANNELS));
            }
            List<String> last = made.subList(made.size() - 50, made.size());
            writer.output(writer.node("Sum", last.toArray(new String[0])), CHANNELS);
        }
    };

    static final int CHANNELS = 4;

    private static final int SIDE = 8;

    abstract void addNodes(Writer writer, int nodes);

    /** Writes a model of about so many nodes. */
    void write(int nodes, long seed, Path file) throws IOException {
        Writer writer = new Writer(seed);
        writer.graph.setName(toString()).addInput(tensor("input", CHANNELS));
        addNodes(writer, nodes);
        ModelProto model = ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(writer.graph)
                .build();
        Files.write(file, model.toByteArray());
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static ValueInfoProto tensor(String name, int channels) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long size : new long[] {1, channels, SIDE, SIDE}) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }

    /** A graph in the making. */
    static final class Writer {
        private final GraphProto.Builder graph = GraphProto.newBuilder();
        private final SplittableRandom random;

        private Writer(long seed) {
            this.random = new SplittableRandom(seed);
        }

        /** A pointwise convolution to {@link #CHANNELS}; returns what it makes. */
        String convolution(String input, int channels) {
            String weights = "weights" + graph.getInitializerCount();
            TensorProto.Builder values = TensorProto.newBuilder()
                    .setName(weights)
                    .setDataType(TensorProto.DataType.FLOAT_VALUE)
                    .addAllDims(List.of((long) CHANNELS, (long) channels, 1L, 1L));
            for (int i = 0; i < CHANNELS * channels; i++) {
                values.addFloatData((float) (random.nextGaussian() / Math.sqrt(channels)));
            }
            graph.addInitializer(values);
            return node("Conv", input, weights);
        }

        String concatenation(List<String> inputs) {
            AttributeProto axis = AttributeProto.newBuilder()
                    .setName("axis")
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(1)
                    .build();
            return add(NodeProto.newBuilder()
                    .setOpType("Concat")
                    .addAllInput(inputs)
                    .addAttribute(axis));
        }

        String node(String operator, String... inputs) {
            return add(NodeProto.newBuilder().setOpType(operator).addAllInput(List.of(inputs)));
        }

        private String add(NodeProto.Builder node) {
            String made = "made" + graph.getNodeCount();
            graph.addNode(node.setName(made).addOutput(made));
            return made;
        }

        void output(String name, int channels) {
            graph.addOutput(tensor(name, channels));
        }
    }
}
