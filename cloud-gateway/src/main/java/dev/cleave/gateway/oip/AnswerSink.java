package dev.cleave.gateway.oip;

import java.util.List;

/** Takes the one answer of a request that was put in line. Called on any thread; must not block and must not throw. */
public interface AnswerSink {
    /**
     * @param model the version that it was put in line at
     * @param outputs those that were wanted, in their order
     */
    void answered(OipModel model, List<OutputTensor> outputs);

    void refused(OipException refusal);
}
