package dev.cleave.endtoend;

import static dev.cleave.endtoend.ExactModels.INPUT;
import static dev.cleave.endtoend.ExactModels.OUTPUT;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.View;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.Recurrent;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.reply.ReplyChoice;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SampleSource;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A generated model on ONNX Runtime, its full bundle in a folder of its own, and the whole model for direct answers.
 * Owns an engine and a session.
 */
final class SplitModel implements AutoCloseable {
    /** Rows that the classifier's default codec is calibrated on, each of which it then answers alike. */
    static final int CALIBRATED_ROWS = 64;

    /** Of versions, which are asked at level raw. */
    private static final int FEW_ROWS = 8;

    private static final SessionOptions ONE_THREAD = SessionOptions.defaults().withThreads(1);

    private final Engine engine;
    private final Session whole;
    private final Path served;
    private final Bundle bundle;

    private SplitModel(Engine engine, Session whole, Path served, Bundle bundle) {
        this.engine = engine;
        this.whole = whole;
        this.served = served;
        this.bundle = bundle;
    }

    /** {@link ExactModels#classifier} with two split points, calibrated. */
    static SplitModel classifier(Path folder, String name, int scale) throws Exception {
        return classifier(folder, name, scale, List.of());
    }

    /** The same, its output coded on the way back as asked for. */
    static SplitModel classifier(Path folder, String name, int scale, List<ReplyChoice> replies) throws Exception {
        return split(
                folder,
                name,
                ExactModels.classifier(scale),
                request -> request.withAt(List.of(List.of("a"), List.of("b")))
                        .withWantedAgreement(1)
                        .withReplies(replies),
                (model, preprocessing) -> Samples.of(classifierRows(CALIBRATED_ROWS)));
    }

    private static List<Sample> classifierRows(int rows) {
        return IntStream.range(0, rows)
                .mapToObj(i -> new Sample("row-" + i, Map.of(INPUT, ExactModels.classifierRow(i))))
                .toList();
    }

    /** A version of the model {@code classifier}, cut as {@link #classifier}; several may share a folder. */
    static SplitModel version(Path folder, int version, ModelProto classifier) throws Exception {
        return split(
                folder,
                "classifier-" + version,
                classifier,
                request -> request.withName("classifier")
                        .withVersion(Integer.toString(version))
                        .withAt(List.of(List.of("a"), List.of("b")))
                        .withWantedAgreement(1),
                (model, preprocessing) -> Samples.of(classifierRows(FEW_ROWS)));
    }

    /** {@link ExactModels#powersOfTwo} with one split point. */
    static SplitModel powersOfTwo(Path folder) throws Exception {
        return split(
                folder,
                "powers-of-two",
                ExactModels.powersOfTwo(),
                request -> request.withAt(List.of(List.of("a"))).withDims(Map.of("H", 16L, "W", 16L)),
                null);
    }

    /**
     * {@code x[N,3,16,16] -> a[N,8,16,16] -> y[N,256]}: which pixel is brightest in some sense, which few levels of {@code a} do not
     * tell. Split at {@code a}, which is quantised.
     */
    static SplitModel brightestPixel(Path folder) throws Exception {
        ModelProto pixels = new ModelBuilder()
                .input(INPUT, "N", 3, 16, 16)
                .weights("w1", 8, 3, 1, 1)
                .weights("w2", 1, 8, 1, 1)
                .node("Conv", "x w1", "c")
                .node("Relu", "c", "a")
                .node("Conv", "a w2", "d")
                .node("Flatten", "d", OUTPUT)
                .output(OUTPUT, ElementType.FLOAT32, "N", 256)
                .build();
        List<Sample> samples = IntStream.range(0, CALIBRATED_ROWS)
                .mapToObj(i -> new Sample("picture-" + i, Map.of(INPUT, ExactModels.picture(16, 16, i))))
                .toList();
        return split(
                folder,
                "brightest-pixel",
                pixels,
                request -> request.withAt(List.of(List.of("a")))
                        .withMaxDisagreement(1)
                        .withWantedAgreement(0.6),
                (model, preprocessing) -> Samples.of(samples));
    }

    /** {@link Recurrent#network} cut before its states, between them, and behind them. */
    static SplitModel recurrent(Path folder) throws Exception {
        return split(
                folder,
                "recurrent",
                Recurrent.network().build(),
                request -> request.withAt(List.of(List.of("a"), List.of("b"), List.of("d")))
                        .withState(Recurrent.STATE),
                null);
    }

    /** {@link Networks#residual} with three split points, two tensors crossing at the second, and heads in integers. */
    static SplitModel integerHeads(Path folder, Samples calibration) throws Exception {
        return split(
                folder,
                "integer-heads",
                Networks.residual().build(),
                request -> request.withAt(List.of(List.of("p1"), List.of("p1", "c3"), List.of("r3")))
                        .withEdgeMode(EdgeMode.ALWAYS)
                        .withMaxDisagreement(1)
                        .withWantedAgreement(0.5),
                (model, preprocessing) -> calibration);
    }

    private static SplitModel split(
            Path folder, String name, ModelProto model, UnaryOperator<SplitRequest> wishes, SampleSource samples)
            throws Exception {
        Path served = Files.createDirectories(folder.resolve("served"));
        Path onnx = Files.write(folder.resolve(name + ".onnx"), model.toByteArray());
        Path target = served.resolve(name + ".cleave");
        Engine engine = Engines.create("onnxruntime");
        try {
            new ModelSplitter(engine, ONE_THREAD, "test", Progress.NONE)
                    .split(wishes.apply(SplitRequest.of(onnx)), samples, target);
            Session whole = engine.load(new GraphSource(name, Files.readAllBytes(onnx)), ONE_THREAD);
            return new SplitModel(engine, whole, served, Bundle.open(target));
        } catch (IOException | EngineException | RuntimeException | Error failure) {
            engine.close();
            throw failure;
        }
    }

    /** The folder that holds the bundle and nothing else, for a gateway. */
    Path served() {
        return served;
    }

    /** The full bundle. */
    Bundle bundle() {
        return bundle;
    }

    /** Writes the gateway's view into a folder. */
    void cloudView(Path directory) throws IOException {
        BundleWriter.writeView(
                bundle, View.CLOUD, 0, Files.createDirectories(directory).resolve("cloud.cleave"));
    }

    /** Writes the edge view that ends at a point, and opens it. */
    Bundle edgeView(int through, Path directory) throws IOException {
        Path target = Files.createDirectories(directory).resolve("edge-" + through + ".cleave");
        BundleWriter.writeView(bundle, View.EDGE, through, target);
        return Bundle.open(target);
    }

    /** An agent with a view of this model, over this model's engine. */
    EdgeAgentBuilder agent(Bundle view, int gatewayPort) {
        return EdgeAgent.builder()
                .bundle(view)
                .engine(engine)
                .sessionOptions(ONE_THREAD)
                .gateway("127.0.0.1:" + gatewayPort);
    }

    /** The whole model's answer, run here in one piece. */
    float[] direct(Tensor input) throws EngineException {
        return floats(whole.run(Map.of(INPUT, input)).get(OUTPUT));
    }

    /** Of a {@link #recurrent} model: its answers to frames from a time on, the first ones that it sees, run here in one piece. */
    List<float[]> sequence(int from, int frames) throws EngineException {
        List<float[]> answers = new ArrayList<>();
        Map<String, Tensor> inputs = new HashMap<>(Map.of("m1", Recurrent.zeros(), "m2", Recurrent.zeros()));
        for (int time = from; time < from + frames; time++) {
            inputs.put(INPUT, Recurrent.frame(time));
            Map<String, Tensor> outputs = whole.run(inputs);
            inputs.put("m1", outputs.get("next1"));
            inputs.put("m2", outputs.get("next2"));
            answers.add(floats(outputs.get(OUTPUT)));
        }
        return answers;
    }

    static InferenceInput input(Tensor tensor) {
        return InferenceInput.of(INPUT, tensor);
    }

    static float[] answer(InferenceResult result) {
        return floats(result.outputs().get(OUTPUT));
    }

    static int argmax(float[] values) {
        return IntStream.range(0, values.length)
                .reduce((best, i) -> values[i] > values[best] ? i : best)
                .orElseThrow();
    }

    private static float[] floats(Tensor tensor) {
        FloatBuffer data = tensor.data().asFloatBuffer();
        float[] values = new float[data.remaining()];
        data.get(values);
        return values;
    }

    @Override
    public void close() {
        whole.close();
        engine.close();
    }
}
