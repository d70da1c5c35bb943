package dev.cleave.codec;

import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A payload whose tensors all travel raw, and where in it their elements lie: for those who write or read elements in place,
 * without tensors beside the payload. The same bytes as {@link ActivationCodec} makes with {@link CodecParams.Raw} and {@link Entropy#NONE}.
 */
public final class RawPayload {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteBuffer payload;
    private final List<Shape> shapes;
    private final List<ByteBuffer> bodies;

    private RawPayload(ByteBuffer payload, List<Shape> shapes, List<ByteBuffer> bodies) {
        this.payload = payload;
        this.shapes = Collections.unmodifiableList(shapes);
        this.bodies = bodies;
    }

    /**
     * A new payload of these shapes with every element zero, to be filled.
     *
     * @param shapes one for each tensor, static
     * @throws IllegalArgumentException naming a tensor that is not declared so, or if the payload would be larger than 2 GiB
     */
    public static RawPayload of(List<TensorSpec> specs, List<Shape> shapes) {
        List<EncodedTensor> headers = new ArrayList<>(specs.size());
        long total = 0;
        for (int i = 0; i < specs.size(); i++) {
            if (!specs.get(i).shape().accepts(shapes.get(i))) {
                throw new IllegalArgumentException(EncodedTensor.named(specs.get(i)) + " has shape " + shapes.get(i)
                        + "; expected " + specs.get(i).shape());
            }
            EncodedTensor header = header(specs.get(i), shapes.get(i));
            headers.add(header);
            long length = header.size(specs.get(i)) + bytes(specs.get(i), shapes.get(i));
            total += Varint.size((int) Math.min(Integer.MAX_VALUE, length)) + length;
            if (total > EncodedTensor.MAX_TENSOR_BYTES) {
                throw new IllegalArgumentException(EncodedTensor.named(specs.get(i)) + shapes.get(i)
                        + " makes a payload of more than " + EncodedTensor.MAX_TENSOR_BYTES + " bytes");
            }
        }
        ByteBuffer payload = ByteBuffer.allocate((int) total);
        List<ByteBuffer> bodies = new ArrayList<>(specs.size());
        for (int i = 0; i < specs.size(); i++) {
            int bytes = (int) bytes(specs.get(i), shapes.get(i));
            Varint.put(payload, (int) headers.get(i).size(specs.get(i)) + bytes);
            headers.get(i).write(payload, specs.get(i));
            bodies.add(EncodedTensor.slice(payload, bytes));
        }
        ((Buffer) payload).rewind();
        return new RawPayload(payload, new ArrayList<>(shapes), bodies);
    }

    private static EncodedTensor header(TensorSpec spec, Shape shape) {
        return new EncodedTensor(
                RawCodec.ID, new RawCodec(spec).version(), shape, new TensorCodec.Body(0, NOTHING.duplicate()));
    }

    private static long bytes(TensorSpec spec, Shape shape) {
        try {
            long bytes = Math.multiplyExact(shape.elements(), (long) spec.type().bytes());
            return Math.min(bytes, Integer.MAX_VALUE);
        } catch (ArithmeticException overflow) {
            return Integer.MAX_VALUE;
        }
    }

    /**
     * Finds the elements in a payload; it is shared, not copied.
     *
     * @param payload position to limit; the position stays where it is
     * @throws CodecException for what {@link ActivationCodec#shapes} refuses, and for a tensor that does not travel raw and plain
     */
    public static RawPayload read(List<TensorSpec> specs, ByteBuffer payload) throws CodecException {
        ByteBuffer in = payload.duplicate();
        List<Shape> shapes = new ArrayList<>(specs.size());
        List<ByteBuffer> bodies = new ArrayList<>(specs.size());
        for (TensorSpec spec : specs) {
            EncodedTensor tensor = EncodedTensor.next(in, spec);
            RawCodec raw = new RawCodec(spec);
            if (tensor.codec() != RawCodec.ID || tensor.version() != raw.version() || tensor.flags() != 0) {
                throw new CodecException(
                        EncodedTensor.named(spec) + " is coded with codec " + tensor.codec() + ", version "
                                + tensor.version() + ", flags " + tensor.flags() + "; expected it raw and plain");
            }
            raw.check(tensor.shape(), 0, tensor.body().duplicate());
            shapes.add(tensor.shape());
            bodies.add(tensor.body());
        }
        if (in.hasRemaining()) {
            throw new CodecException("payload has " + in.remaining() + " bytes after its last tensor");
        }
        return new RawPayload(payload.duplicate(), shapes, bodies);
    }

    /** The whole of it, position to limit. */
    public ByteBuffer payload() {
        return payload.duplicate();
    }

    /** The shapes of the tensors, in their order. */
    public List<Shape> shapes() {
        return shapes;
    }

    /** The elements of a tensor, little-endian, from position 0 to the limit; writes go through. */
    public ByteBuffer elements(int tensor) {
        return bodies.get(tensor).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
