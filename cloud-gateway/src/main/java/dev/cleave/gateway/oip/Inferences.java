package dev.cleave.gateway.oip;

import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.RawPayload;
import dev.cleave.gateway.admission.Admission;
import dev.cleave.gateway.admission.Decision;
import dev.cleave.gateway.admission.FrameHeader;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.RequestMetrics;
import dev.cleave.gateway.identity.Device;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The way of the protocol's requests through the gateway: each becomes a frame of level raw, which is admitted, queued, batched and run as agents' frames are,
 * together with them. Thread-safe.
 */
public final class Inferences {
    private static final long MAX_TIMEOUT_MICROS = TimeUnit.DAYS.toMicros(1);

    private final OipModels models;
    private final Admission admission;
    private final long maxTensorBytes;
    private final LongSupplier clock;

    /** @param maxTensorBytes of the inputs of one request */
    public Inferences(OipModels models, Admission admission, long maxTensorBytes, LongSupplier clock) {
        this.models = models;
        this.admission = admission;
        this.maxTensorBytes = maxTensorBytes;
        this.clock = clock;
    }

    /**
     * Checks a request that has been received whole and puts it in line, at the version that its name means by now: what was meant when it began to come
     * may have been unloaded since. A version that begins to drain at this very moment gives way to the one that took its place.
     *
     * @param device whose request it is
     * @param sink gets the one answer if this returns, possibly before it does; nothing if it throws
     * @throws OipException why it was not put in line
     */
    public InferCall submit(InferRequest request, Device device, AnswerSink sink) throws OipException {
        long receivedNanos = clock.getAsLong();
        OipModel model = models.find(request.model(), request.version(), device);
        model.model().metrics().received(request.bytes());
        while (true) {
            try {
                return enqueue(model, request, device, receivedNanos, sink);
            } catch (OipException refused) {
                OipModel next = refused.fault() == Fault.UNAVAILABLE ? inItsPlace(model, request, device) : model;
                if (next.model() == model.model()) {
                    RequestMetrics.refused(model.model().metrics(), model.point(), refused.refusal());
                    throw refused;
                }
                model = next;
            }
        }
    }

    /** The version that the request means now; the same if there is none any more. */
    private OipModel inItsPlace(OipModel model, InferRequest request, Device device) {
        try {
            return models.find(request.model(), request.version(), device);
        } catch (OipException gone) {
            return model;
        }
    }

    private static Set<String> wanted(OipModel model, List<String> named) throws OipException {
        Set<String> made = new LinkedHashSet<>();
        model.outputs().forEach(spec -> made.add(spec.name()));
        Set<String> wanted = new LinkedHashSet<>();
        for (String name : named) {
            if (!made.contains(name)) {
                throw OipException.malformed("output " + Quoted.of(name) + " is none of the model's; expected some of "
                        + String.join(", ", made));
            }
            if (!wanted.add(name)) {
                throw OipException.malformed("output " + Quoted.of(name) + " is asked for twice; expected it once");
            }
        }
        return named.isEmpty() ? made : wanted;
    }

    private InferCall enqueue(OipModel model, InferRequest request, Device device, long receivedNanos, AnswerSink sink)
            throws OipException {
        Answer answer = new Answer(model, wanted(model, request.outputs()), receivedNanos, sink);
        CheckedInputs inputs = CheckedInputs.of(model, request.inputs(), maxTensorBytes);
        long timeout = request.schedule().timeoutMicros();
        timeout = timeout > MAX_TIMEOUT_MICROS ? 0 : timeout;
        FrameHeader header = new FrameHeader(
                model.point(),
                inputs.rows(),
                model.model().contract().points().get(model.point()).level(QualityLevel.RAW),
                Entropy.NONE,
                timeout,
                request.schedule().framePriority());
        if (!model.isReady()) {
            throw new OipException(Fault.UNAVAILABLE, "model " + Quoted.of(model.name()) + " is shutting down");
        }
        RawPayload payload = inputs.payload();
        Decision decision =
                admission.admit(model.model(), header, payload.payload(), device, receivedNanos, answer::take);
        if (!decision.isAdmitted()) {
            throw OipException.of(decision.refusal());
        }
        return new InferCall(model.model(), decision.task(), clock);
    }

    /** What is done when a request ends. */
    private final class Answer {
        private final OipModel model;
        private final Set<String> wanted;
        private final long receivedNanos;
        private final AnswerSink sink;

        Answer(OipModel model, Set<String> wanted, long receivedNanos, AnswerSink sink) {
            this.model = model;
            this.wanted = wanted;
            this.receivedNanos = receivedNanos;
            this.sink = sink;
        }

        void take(InferenceTask task, Outcome outcome) {
            RequestMetrics.record(model.model().metrics(), task, outcome, 0, clock.getAsLong() - receivedNanos);
            if (!outcome.isAnswer()) {
                sink.refused(OipException.of(outcome.refusal()));
                return;
            }
            try {
                sink.answered(model, outputs(outcome));
            } catch (CodecException e) {
                sink.refused(new OipException(Fault.FAILED, e.getMessage(), e));
            }
        }

        private List<OutputTensor> outputs(Outcome outcome) throws CodecException {
            List<TensorSpec> made = model.outputs();
            RawPayload payload = RawPayload.read(made, outcome.payload());
            List<OutputTensor> outputs = new ArrayList<>();
            for (String name : wanted) {
                for (int i = 0; i < made.size(); i++) {
                    if (made.get(i).name().equals(name)) {
                        outputs.add(new OutputTensor(
                                name, made.get(i).type(), payload.shapes().get(i), payload.elements(i)));
                    }
                }
            }
            return outputs;
        }
    }
}
