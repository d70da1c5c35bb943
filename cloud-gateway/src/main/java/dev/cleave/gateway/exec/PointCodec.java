package dev.cleave.gateway.exec;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.ReplyCodec;
import dev.cleave.bundle.StateTensor;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.picture.PictureCodec;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything about the bytes of one split point: reads boundaries at every quality level, writes the outputs that are
 * made after it, as the contract says for replies. Immutable and thread-safe.
 */
public final class PointCodec {
    private final int point;
    private final boolean joinable;
    private final List<TensorSpec> boundary;
    private final List<StateTensor> states;
    private final List<TensorSpec> stateSpecs;
    private final List<ActivationCodec> levels;
    private final Map<Entropy, ReplyCodec> replies = new EnumMap<>(Entropy.class);

    /** @param pictures decodes JPEG and PNG, or null: frames that hold them are then refused */
    public PointCodec(Contract contract, int point, PictureCodec pictures) {
        LadderPoint ladderPoint = contract.points().get(point);
        this.point = point;
        this.boundary = ladderPoint.specs();
        this.states = List.copyOf(contract.stateAfter(point));
        this.stateSpecs =
                states.stream().map(state -> contract.input(state.input())).toList();
        this.joinable = ladderPoint.isBatched()
                && contract.maxBatch() > 1
                && stateSpecs.stream().allMatch(spec -> spec.shape().isBatched());
        List<ActivationCodec> codecs = new ArrayList<>();
        for (QualityLevel level : ladderPoint.levels()) {
            codecs.add(new ActivationCodec(boundary, level.codecs(), Entropy.NONE, contract.preprocessing(), pictures));
        }
        this.levels = List.copyOf(codecs);
        for (Entropy entropy : Entropy.values()) {
            replies.put(entropy, new ReplyCodec(contract, point, entropy));
        }
    }

    public int point() {
        return point;
    }

    /** True if rows of several requests may share a run here. */
    public boolean isJoinable() {
        return joinable;
    }

    /**
     * Whether requests may join a run that comes by here: rows of several may share it, no state belongs to them, and what crosses in that run is what
     * frames hold, so that no output of an earlier segment is left behind.
     *
     * @param crossing names of what crosses
     */
    boolean mayJoin(Set<String> crossing) {
        return joinable
                && states.isEmpty()
                && crossing.size() == boundary.size()
                && boundary.stream().allMatch(spec -> crossing.contains(spec.name()));
    }

    /** Whether further rows of any content change nothing but the time of a run, and all rows are of one size. */
    boolean isPaddable() {
        return joinable
                && Stream.concat(boundary.stream(), stateSpecs.stream())
                        .allMatch(spec -> spec.shape().withRows(1).isStatic());
    }

    public List<TensorSpec> boundary() {
        return boundary;
    }

    /** State that the tail of this point takes and leaves, as inputs of the model; empty for most. */
    public List<TensorSpec> state() {
        return stateSpecs;
    }

    /** Decoded size of the state of some rows, in bytes; {@code Long.MAX_VALUE} if it overflows. */
    public long stateBytes(int rows) {
        return bytes(
                stateSpecs,
                stateSpecs.stream().map(spec -> spec.shape().withRows(rows)).toList());
    }

    /** Quality levels, numbered from 0. */
    public int levels() {
        return levels.size();
    }

    /**
     * The shapes that a frame claims, in the boundary's order; checked against the contract and against the row count.
     *
     * @throws CodecException naming what does not fit
     */
    public List<Shape> shapes(int quality, int rows, ByteBuffer payload) throws CodecException {
        List<Shape> shapes = levels.get(quality).shapes(payload);
        for (int i = 0; i < boundary.size(); i++) {
            TensorSpec spec = boundary.get(i);
            if (spec.shape().isBatched() && shapes.get(i).dim(0) != rows) {
                throw new CodecException("tensor \"" + spec.name() + "\" has "
                        + shapes.get(i).dim(0) + " rows; expected " + rows + " as the frame says");
            }
        }
        return shapes;
    }

    /** The key under which a frame of these shapes is batched. */
    public BatchKey key(List<Shape> shapes) {
        if (!joinable) {
            return new BatchKey(point, shapes, false);
        }
        List<Shape> open = new ArrayList<>(shapes.size());
        for (Shape shape : shapes) {
            open.add(shape.withDim(0, Shape.BATCH));
        }
        return new BatchKey(point, open, true);
    }

    /** Decoded size of a boundary of these shapes; {@code Long.MAX_VALUE} if it overflows. */
    public long decodedBytes(List<Shape> shapes) {
        return bytes(boundary, shapes);
    }

    private static long bytes(List<TensorSpec> specs, List<Shape> shapes) {
        long total = 0;
        try {
            for (int i = 0; i < shapes.size(); i++) {
                long elements = shapes.get(i).elements();
                total = Math.addExact(total, Math.multiplyExact(elements, (long)
                        specs.get(i).type().bytes()));
            }
        } catch (ArithmeticException overflow) {
            return Long.MAX_VALUE;
        }
        return total;
    }

    /** Decodes a frame into tensors of exactly its shapes; they are undefined after an exception. */
    public void decode(int quality, ByteBuffer payload, Map<String, Tensor> into) throws CodecException {
        levels.get(quality).decode(payload, into);
    }

    /**
     * Reads a frame of a video as far as its symbols; see {@link ActivationCodec#settle}.
     *
     * @param payload that passed {@link #shapes}
     * @param against null: a key frame
     */
    public StreamedBoundary settle(int quality, ByteBuffer payload, BoundaryReference against) throws CodecException {
        return levels.get(quality).settle(payload, against);
    }

    /**
     * Encodes the late outputs of a request, rows {@code from} and following of a run of {@code total} rows, for the quality
     * level and with the coder of its frame. An output without a batch dimension does not depend on the rows: every request
     * gets it whole.
     *
     * @throws IllegalArgumentException if the run did not give what the contract says
     */
    ByteBuffer encodeOutputs(InferenceTask task, Map<String, Tensor> made, int from, int total) {
        ReplyCodec reply = replies.get(task.entropy());
        Map<String, Tensor> mine = new LinkedHashMap<>();
        for (TensorSpec spec : reply.outputs()) {
            Tensor tensor = made.get(spec.name());
            if (tensor == null) {
                throw new IllegalArgumentException("output \"" + spec.name() + "\" was not made by the run");
            }
            mine.put(
                    spec.name(),
                    joinable && spec.shape().isBatched() ? rows(spec, tensor, from, task.rows(), total) : tensor);
        }
        return reply.encode(task.quality(), mine);
    }

    /**
     * What a run has left for the request after this one, by the names of the inputs: copies, since outputs are shared by a batch.
     *
     * @throws IllegalArgumentException if the run did not give what the contract says
     */
    Map<String, Tensor> nextState(InferenceTask task, Map<String, Tensor> made, int from, int total) {
        Map<String, Tensor> next = new LinkedHashMap<>();
        for (int i = 0; i < states.size(); i++) {
            TensorSpec spec = stateSpecs.get(i);
            Tensor tensor = made.get(states.get(i).output());
            if (tensor == null) {
                throw new IllegalArgumentException("state \"" + states.get(i).output() + "\" was not made by the run");
            }
            Tensor mine = joinable ? rows(spec, tensor, from, task.rows(), total) : tensor;
            String mismatch =
                    new TensorSpec(spec.name(), spec.type(), spec.shape().withRows(task.rows())).mismatch(mine);
            if (mismatch != null) {
                throw new IllegalArgumentException("state that the run has left: " + mismatch);
            }
            Tensor copy = Tensor.allocate(mine.type(), mine.shape());
            copy.data().clear().put(mine.data().duplicate().clear());
            next.put(spec.name(), copy);
        }
        return next;
    }

    private static Tensor rows(TensorSpec spec, Tensor tensor, int from, int count, int total) {
        if (tensor.shape().rank() == 0 || tensor.shape().dim(0) != total) {
            throw new IllegalArgumentException(
                    "output \"" + spec.name() + "\" has shape " + tensor.shape() + "; expected " + total + " rows");
        }
        return tensor.rows(from, count);
    }
}
