package dev.cleave.partition.roundtrip;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.ReplyCodec;
import dev.cleave.bundle.StateTensor;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.EncodedPicture;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.sample.Sample;
import dev.cleave.picture.PictureCodec;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a request goes through, without the network: head, encode, decode, tail, and the reply, in one process. Calibration and
 * verification both measure it, so that they measure the same thing.
 */
public final class RoundTrip {
    private final Contract contract;
    private final SegmentChain heads;
    private final SegmentChain tails;
    private final PictureCodec pictures;

    /** Both sides run the same segments; see {@link #RoundTrip(Contract, SegmentChain, SegmentChain, PictureCodec)}. */
    public RoundTrip(Contract contract, SegmentChain chain, PictureCodec pictures) {
        this(contract, chain, chain, pictures);
    }

    /**
     * @param heads all segments as the device runs them, 0..k+1; stays the caller's
     * @param tails all segments as the gateway runs them; stays the caller's
     * @param pictures may be null if no picture is ever decoded
     */
    public RoundTrip(Contract contract, SegmentChain heads, SegmentChain tails, PictureCodec pictures) {
        this.contract = contract;
        this.heads = heads;
        this.tails = tails;
        this.pictures = pictures;
    }

    /** All outputs of the unsplit model in the precision that defines the answers. */
    public Map<String, Tensor> reference(Map<String, Tensor> inputs) throws EngineException {
        return tails.run(0, contract.local(), inputs, 0);
    }

    /** A boundary as floats, where the device has integers that stand for them; other tensors as they are. */
    public Map<String, Tensor> floats(int point, Map<String, Tensor> live) {
        Map<String, Tensor> floats = new LinkedHashMap<>(live);
        for (BoundaryTensor tensor : contract.points().get(point).boundary()) {
            floats.computeIfPresent(tensor.spec().name(), (name, given) -> tensor.real(given));
        }
        return floats;
    }

    /** Everything alive at a point: the boundary and the outputs made before it. Point 0 gives the inputs. */
    public Map<String, Tensor> head(int point, Map<String, Tensor> inputs) throws EngineException {
        return point == 0 ? inputs : heads.run(0, point, inputs, 0);
    }

    /** From everything alive at one point to everything alive at a later one. */
    public Map<String, Tensor> advance(int from, int to, Map<String, Tensor> live) throws EngineException {
        return heads.run(from, to, live, 0);
    }

    /**
     * From a decoded boundary to all outputs of the model.
     *
     * @param head what {@link #head} gave; supplies the outputs that the tail does not make, and the state that it takes
     */
    public Map<String, Tensor> tail(int point, Map<String, Tensor> boundary, Map<String, Tensor> head)
            throws EngineException {
        Map<String, Tensor> live = new LinkedHashMap<>(boundary);
        for (StateTensor state : contract.stateAfter(point)) {
            live.put(state.input(), head.get(state.input()));
        }
        return joined(tails.run(point, contract.local(), live, 0), head);
    }

    private Map<String, Tensor> joined(Map<String, Tensor> late, Map<String, Tensor> head) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (TensorSpec output : contract.outputs()) {
            Tensor value = late.get(output.name());
            Tensor known = value != null ? value : head.get(output.name());
            if (known != null) {
                outputs.put(output.name(), known);
            }
        }
        return outputs;
    }

    /** The codec of a point with these parameters. */
    public ActivationCodec codec(int point, List<CodecParams> params, Entropy entropy) {
        LadderPoint ladderPoint = contract.points().get(point);
        return ActivationCodec.of(ladderPoint.boundary(), params, entropy, contract.preprocessing(), pictures);
    }

    /** Whether pictures can be encoded and decoded in any form; else {@link PictureForm#RGB8} alone. */
    public boolean hasPictureCodec() {
        return pictures != null;
    }

    /**
     * Encodes a sample's boundary.
     *
     * @param form of the sample's picture where the parameters ask for it; a sample without one crosses as a tensor
     */
    public ByteBuffer encode(
            int point,
            ActivationCodec codec,
            List<CodecParams> params,
            Map<String, Tensor> live,
            Sample sample,
            PictureForm form)
            throws IOException {
        Map<String, List<EncodedPicture>> encoded = new HashMap<>();
        List<TensorSpec> specs = contract.points().get(point).specs();
        for (int i = 0; i < specs.size(); i++) {
            if (params.get(i) instanceof CodecParams.Image && sample.picture() != null) {
                encoded.put(specs.get(i).name(), List.of(form.encode(sample.picture(), pictures)));
            }
        }
        return codec.encode(live, encoded);
    }

    /** Decodes a payload into new tensors. */
    public Map<String, Tensor> decode(int point, ActivationCodec codec, ByteBuffer payload) throws CodecException {
        Map<String, Tensor> boundary = room(point, codec, payload);
        codec.decode(payload, boundary);
        return boundary;
    }

    /** Tensors into which a payload can be decoded. */
    public Map<String, Tensor> room(int point, ActivationCodec codec, ByteBuffer payload) throws CodecException {
        List<Shape> shapes = codec.shapes(payload);
        List<TensorSpec> specs = contract.points().get(point).specs();
        Map<String, Tensor> boundary = new LinkedHashMap<>();
        for (int i = 0; i < specs.size(); i++) {
            boundary.put(specs.get(i).name(), Tensor.allocate(specs.get(i).type(), shapes.get(i)));
        }
        return boundary;
    }

    /** What the gateway replies to a frame of this point at its default level: the outputs that the tail made. */
    public ByteBuffer reply(int point, Map<String, Tensor> outputs) {
        return reply(point, 0, outputs);
    }

    /** What the gateway replies to a frame of this point at one of its quality levels, by index. */
    public ByteBuffer reply(int point, int level, Map<String, Tensor> outputs) {
        return new ReplyCodec(contract, point, Entropy.ZSTD).encode(level, outputs);
    }

    /**
     * From a decoded boundary to all outputs of the model as the device gets them: those that the tail makes through a reply.
     *
     * @param head what {@link #head} gave; supplies the outputs that the tail does not make
     */
    public Map<String, Tensor> answer(int point, Map<String, Tensor> boundary, Map<String, Tensor> head)
            throws EngineException, CodecException {
        return received(point, reply(point, tail(point, boundary, head)), head);
    }

    /** The outputs of a reply, beside those made before the point; not the state that the tail has made, which stays there. */
    public Map<String, Tensor> received(int point, ByteBuffer reply, Map<String, Tensor> head) throws CodecException {
        ReplyCodec codec = new ReplyCodec(contract, point, Entropy.NONE);
        List<Shape> shapes = codec.shapes(reply);
        Map<String, Tensor> late = new HashMap<>();
        for (int i = 0; i < shapes.size(); i++) {
            TensorSpec output = codec.outputs().get(i);
            late.put(output.name(), Tensor.allocate(output.type(), shapes.get(i)));
        }
        codec.decode(reply, late);
        return joined(late, head);
    }
}
