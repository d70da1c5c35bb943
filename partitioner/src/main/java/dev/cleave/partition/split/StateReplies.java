package dev.cleave.partition.split;

import dev.cleave.codec.CodecParams;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.reply.ReplyChoice;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** Replies of a model with state: that never comes back, so nothing is lost of it whatever was found for it. */
final class StateReplies {
    private StateReplies() {}

    /** @throws ModelException if a reply was asked for that is state */
    static List<CodecParams> of(ModelSummary summary, List<ReplyChoice> asked, List<CodecParams> found)
            throws ModelException {
        List<String> state = summary.state().stream().map(StatePair::output).toList();
        for (ReplyChoice choice : asked) {
            if (state.contains(choice.output())) {
                throw new ModelException("reply \"" + choice + "\": the output is state, which stays where it is made;"
                        + " expected another one");
            }
        }
        List<CodecParams> replies = new ArrayList<>();
        List<TensorSpec> outputs = summary.model().outputs();
        for (int i = 0; i < outputs.size(); i++) {
            replies.add(state.contains(outputs.get(i).name()) ? new CodecParams.Raw() : found.get(i));
        }
        return replies;
    }
}
