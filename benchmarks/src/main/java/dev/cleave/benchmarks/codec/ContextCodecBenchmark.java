package dev.cleave.benchmarks.codec;

import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long do at least 100,000 elements of a real boundary take to encode and to decode by their contexts? They are the
 * boundaries of several photographs as the rows of one tensor. Calibration comes first, half a minute. Wants the material,
 * see docs/BENCHMARKING.md.
 *
 * <pre>
 * mvn -q -pl benchmarks -am -DskipTests package
 * CLASSPATH=benchmarks/target/classes:$(cat benchmarks/target/classpath) java org.openjdk.jmh.Main ContextCodec -prof gc
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ContextCodecBenchmark {
    private static final int ELEMENTS = 100_000;
    private static final int PICTURES = 60;

    @Param({"MOBILENETV2 conv_37_out", "SQUEEZENET relu22_fwd", "CIFAR_RESNET20 /layer1/layer1.2/Relu_1_output_0"})
    String boundary;

    private ActivationCodec codec;
    private Map<String, Tensor> tensors;
    private Map<String, Tensor> decoded;
    private ByteBuffer payload;

    @Setup
    public void prepare() throws Exception {
        String[] words = boundary.split(" ");
        PlanMaterial.Known known = PlanMaterial.Known.valueOf(words[0]);
        try (Engine engine = Engines.create(null);
                CodecMaterial material = CodecMaterial.open(known, List.of(words[1]), PICTURES, 0.98, engine)) {
            List<CodecParams> params = material.calibrate().get(0).params();
            TensorSpec spec = material.run().contract().points().get(1).specs().get(0);
            Tensor tensor = rows(spec, material);
            tensors = Map.of(spec.name(), tensor);
            decoded = Map.of(spec.name(), Tensor.allocate(spec.type(), tensor.shape()));
            codec = new ActivationCodec(List.of(spec), params, Entropy.NONE, null, null);
            payload = codec.encode(tensors, Map.of());
            System.out.println(
                    "# " + params + ", " + tensor.elements() + " elements, " + payload.remaining() + " bytes");
        }
    }

    private static Tensor rows(TensorSpec spec, CodecMaterial material) throws Exception {
        int elements = (int) spec.shape().withRows(1).elements();
        int rows = (ELEMENTS + elements - 1) / elements;
        Tensor joined = Tensor.allocate(spec.type(), spec.shape().withRows(rows));
        ByteBuffer into = joined.data();
        for (int row = 0; row < rows; row++) {
            into.put(material.run()
                    .roundTrip()
                    .head(1, material.report().get(row).inputs())
                    .get(spec.name())
                    .data());
        }
        return joined;
    }

    @Benchmark
    public ByteBuffer encode() {
        return codec.encode(tensors, Map.of());
    }

    @Benchmark
    public Map<String, Tensor> decode() throws CodecException {
        codec.decode(payload, decoded);
        return decoded;
    }
}
