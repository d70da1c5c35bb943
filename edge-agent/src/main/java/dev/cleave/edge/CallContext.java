package dev.cleave.edge;

import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.VideoPlace;
import dev.cleave.tensor.Tensor;
import dev.cleave.wire.StateSender.Continuity;
import java.io.IOException;
import java.util.Map;

/**
 * What a request has to do with others: nothing, or it is a frame of a stream, whose boundaries are coded against each other and whose
 * state goes from one to the next. One for each request; thread-safe, told of the steps of a request on whatever thread they happen.
 */
interface CallContext {
    /**
     * The inputs of the first segment are ready; on the worker.
     *
     * @param point at which the request is cut
     * @return them, with the state that the frame before has left
     * @throws InferenceException if the two do not fit together
     */
    default Map<String, Tensor> withState(int point, Map<String, Tensor> inputs, int rows) throws InferenceException {
        return inputs;
    }

    /** The head was run, if there is one before the point; on the worker. */
    default void headEnded(int point, Map<String, Tensor> crossing) {}

    /**
     * Makes the frame; on the worker, after {@link #headEnded}. More than once if the stream ended before it was sent, or a reference was
     * lost.
     *
     * @throws IOException if a picture cannot be encoded
     * @throws InferenceException if pictures do not fit the input
     */
    CodedFrame encode(int point, int level, GatewayStream open, Activation activation)
            throws IOException, InferenceException;

    /** The transport has got the first of it. */
    default void sent() {}

    /** The gateway has all of it, and holds that frame of the video, or 0. */
    default void acknowledged(long held) {}

    /** The gateway does not hold what the frame was coded against; returns whether it may be coded anew. */
    default boolean referenceLost() {
        return false;
    }

    /** The gateway does not keep the state that the frame was to continue; returns whether it may be sent anew. */
    default boolean stateLost(String why) {
        return false;
    }

    /**
     * The gateway has answered.
     *
     * @param stateAfter as the reply says
     */
    default Continuity answered(long stateAfter) {
        return Continuity.CONTINUES;
    }

    /** The device goes on where the gateway was to. */
    default void takenUp() {}

    /** The request is over, whatever its end. */
    default void ended() {}

    /** Of a request that stands alone. */
    static CallContext alone(WireCodecs codecs) {
        return (point, level, open, activation) ->
                new CodedFrame(codecs.encode(point, level, open.entropy(), activation), VideoPlace.NONE);
    }
}
