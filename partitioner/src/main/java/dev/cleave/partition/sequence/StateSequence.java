package dev.cleave.partition.sequence;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples as frames of one stream: each has the state that the unsplit model was in when it came, zeros for the first. So every sample can be run by
 * itself, in any order and as often as one likes, and its boundary and answer are those of the sequence. All states are in memory.
 */
public final class StateSequence implements Samples {
    private final Samples frames;
    /** By sample. */
    private final List<Map<String, Tensor>> states;

    private StateSequence(Samples frames, List<Map<String, Tensor>> states) {
        this.frames = frames;
        this.states = states;
    }

    /**
     * Runs the unsplit model over the samples, in their order.
     *
     * @param state pairs of fixed shapes; without any the samples are returned as they are
     */
    public static Samples of(
            ProbedModel model,
            List<StatePair> state,
            Samples frames,
            Engine engine,
            SessionOptions options,
            Progress progress)
            throws IOException, EngineException {
        if (state.isEmpty()) {
            return frames;
        }
        progress.begin("carry state", frames.size());
        List<Map<String, Tensor>> states = new ArrayList<>();
        Map<String, Tensor> now = new LinkedHashMap<>();
        for (StatePair pair : state) {
            TensorSpec spec = model.facts().spec(pair.input());
            now.put(pair.input(), Tensor.allocate(spec.type(), spec.shape().withRows(1)));
        }
        try (Session session = engine.load(ModelSource.of(model.graph().model()), options)) {
            for (int i = 0; i < frames.size(); i++) {
                states.add(now);
                Map<String, Tensor> outputs = session.run(read(session, with(frames.get(i), now)));
                Map<String, Tensor> next = new LinkedHashMap<>();
                state.forEach(pair -> next.put(pair.input(), outputs.get(pair.output())));
                now = next;
                progress.step();
            }
        }
        return new StateSequence(frames, states);
    }

    private static Map<String, Tensor> read(Session session, Sample sample) {
        Map<String, Tensor> inputs = new HashMap<>();
        for (TensorSpec input : session.inputs()) {
            if (sample.inputs().containsKey(input.name())) {
                inputs.put(input.name(), sample.inputs().get(input.name()));
            }
        }
        return inputs;
    }

    private static Sample with(Sample frame, Map<String, Tensor> state) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(frame.inputs());
        inputs.putAll(state);
        return new Sample(frame.name(), inputs, frame.picture(), frame.original());
    }

    @Override
    public int size() {
        return frames.size();
    }

    @Override
    public Sample get(int index) throws SampleException {
        return with(frames.get(index), states.get(index));
    }
}
