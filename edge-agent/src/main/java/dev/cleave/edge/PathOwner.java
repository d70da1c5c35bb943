package dev.cleave.edge;

import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.Map;

/** A request, as the paths to its answer see it. Thread-safe; may be called after its end, and nothing comes of it then. */
interface PathOwner {
    /** A step on the worker. */
    interface Step {
        void run() throws InferenceException, EngineException, IOException;
    }

    /** What the device has of it; null before the head was run, and once nobody needs it any more. */
    Activation activation();

    /** Whether it has ended. */
    boolean isOver();

    /** Runs a step on the worker before what waits there, unless it has ended by then; what the step throws ends its path. */
    void urgently(Step step);

    /** Its frame was coded, and is the stream's now. */
    void coded();

    /** It may be that the gateway does not answer: the device should begin, and the gateway's path goes on. */
    void doubted(Fallback why);

    /** The gateway's path came to nothing. */
    void lost(Fallback why, InferenceException failure);

    /** The device's path begins beside the gateway's. */
    void begun(Fallback why);

    /**
     * @param outputs all of them, those that were made before the point included
     * @param stateReset whether the gateway's state of the stream began anew with it
     */
    void answered(
            Map<String, Tensor> outputs,
            Source source,
            Waterfall waterfall,
            int batch,
            boolean stateReset,
            long nowNanos);
}
