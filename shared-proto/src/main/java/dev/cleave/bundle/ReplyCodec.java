package dev.cleave.bundle;

import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * What a gateway replies to the frames of one point: the outputs made after it, as the contract's {@code replies} say. A
 * frame at level {@code raw} is answered raw. Immutable, thread-safe.
 *
 * <p>The coder that the stream agreed on is used where it pays: if an output is made of integers, a mask say, or is
 * quantised. On floats it would save a few percent and cost the gateway more than all the rest of a reply.
 */
public final class ReplyCodec {
    private final List<TensorSpec> outputs;
    private final List<QualityLevel> levels;
    private final ActivationCodec coded;
    private final ActivationCodec raw;

    /** @param entropy the coder that the stream agreed on; a side that only reads may give any */
    public ReplyCodec(Contract contract, int point, Entropy entropy) {
        List<TensorSpec> late = contract.lateOutputs(point);
        List<CodecParams> params = new ArrayList<>();
        boolean worthwhile = false;
        for (TensorSpec output : late) {
            CodecParams reply = contract.replies().get(contract.outputs().indexOf(output));
            params.add(reply);
            worthwhile |= !output.type().isFloating() || reply instanceof CodecParams.Quant;
        }
        Entropy used = worthwhile ? entropy : Entropy.NONE;
        this.outputs = Collections.unmodifiableList(late);
        this.levels = contract.points().get(point).levels();
        this.coded = new ActivationCodec(late, params, used, null, null);
        this.raw = new ActivationCodec(
                late, Collections.<CodecParams>nCopies(late.size(), new CodecParams.Raw()), used, null, null);
    }

    /** The outputs that a reply holds, in the graph's order. */
    public List<TensorSpec> outputs() {
        return outputs;
    }

    /**
     * Encodes a reply.
     *
     * @param level of the frame that is answered, an index into the point's levels
     * @param made a tensor for every output of {@link #outputs}
     * @throws IllegalArgumentException naming an output that is missing or does not fit
     */
    public ByteBuffer encode(int level, Map<String, Tensor> made) {
        boolean lossless = levels.get(level).name().equals(QualityLevel.RAW);
        return (lossless ? raw : coded).encode(made, Collections.emptyMap());
    }

    /** The shapes of a reply's outputs, checked against the contract; see {@link ActivationCodec#shapes}. */
    public List<Shape> shapes(ByteBuffer payload) throws CodecException {
        return coded.shapes(payload);
    }

    /** Decodes a reply to a frame of whichever level; see {@link ActivationCodec#decode}. */
    public void decode(ByteBuffer payload, Map<String, Tensor> into) throws CodecException {
        coded.decode(payload, into);
    }
}
