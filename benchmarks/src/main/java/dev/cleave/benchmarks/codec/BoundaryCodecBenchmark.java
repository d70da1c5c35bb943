package dev.cleave.benchmarks.codec;

import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
 * How long does one boundary of 100,352 elements (8x the 64x14x14 of a MobileNetV2) take to encode and to decode? The
 * values are a clipped normal distribution, about half of them zero, like an activation after Relu.
 *
 * <pre>
 * mvn -q -pl benchmarks -am -DskipTests package
 * CLASSPATH=benchmarks/target/classes:$(cat benchmarks/target/classpath) java org.openjdk.jmh.Main BoundaryCodec
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BoundaryCodecBenchmark {
    private static final int CHANNELS = 512;
    private static final Shape SHAPE = Shape.of(1, CHANNELS, 14, 14);
    private static final String NAME = "activation";

    @Param({"4", "32", "256"})
    int levels;

    @Param({"NONE", "ZSTD"})
    Entropy entropy;

    private ActivationCodec codec;
    private Map<String, Tensor> boundary;
    private Map<String, Tensor> decoded;
    private ByteBuffer payload;

    @Setup
    public void prepare() {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, SHAPE);
        Random random = new Random(1);
        FloatBuffer values = tensor.data().asFloatBuffer();
        while (values.hasRemaining()) {
            values.put((float) Math.max(0, random.nextGaussian()));
        }
        float[] low = new float[CHANNELS];
        float[] high = new float[CHANNELS];
        Arrays.fill(high, 4);
        TensorSpec spec = new TensorSpec(NAME, ElementType.FLOAT32, SHAPE.withDim(0, Shape.BATCH));
        codec = new ActivationCodec(
                List.of(spec), List.of(new CodecParams.Quant(levels, 1, low, high)), entropy, null, null);
        boundary = Map.of(NAME, tensor);
        decoded = Map.of(NAME, Tensor.allocate(ElementType.FLOAT32, SHAPE));
        payload = codec.encode(boundary, Collections.emptyMap());
    }

    @Benchmark
    public ByteBuffer encode() {
        return codec.encode(boundary, Collections.emptyMap());
    }

    @Benchmark
    public Map<String, Tensor> decode() throws CodecException {
        codec.decode(payload, decoded);
        return decoded;
    }
}
