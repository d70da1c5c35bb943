package dev.cleave.gateway.oip.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.oip.Fault;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.OipModel;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers that do not reach their caller. Whoever gives them has the rest of a batch to answer, so nothing may be thrown at him. */
class AnswerTest {
    /** Of no version, so that no message can be made of its answers. */
    private static final OipModel NOBODYS = new OipModel(null, 0, List.of());

    private final Call call = new Call();
    private final InferenceService.Answer answer = new InferenceService.Answer("7", false, call);

    /** The transport's side, which fails as the test says. */
    private static final class Call extends ServerCallStreamObserver<ModelInferResponse> {
        final List<Status> ended = new ArrayList<>();
        boolean cancelled;
        Error failure;

        @Override
        public void onError(Throwable cause) {
            ended.add(Status.fromThrowable(cause));
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void onNext(ModelInferResponse response) {
            throw new AssertionError("no answer can be made");
        }

        @Override
        public void onCompleted() {
            throw new AssertionError("no answer can be made");
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void disableAutoInboundFlowControl() {}
    }

    @Test
    void oneThatCannotBeMadeIsSaidToBeSo() {
        answer.answered(NOBODYS, List.of());
        assertThat(call.ended).hasSize(1);
        assertThat(call.ended.get(0).getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(call.ended.get(0).getDescription())
                .startsWith("the answer could not be sent: java.lang.NullPointerException");
    }

    @Test
    void nothingIsSaidToACallerWhoHasGone() {
        call.cancelled = true;
        answer.answered(NOBODYS, List.of());
        answer.refused(new OipException(Fault.OVERLOADED, "full"));
        assertThat(call.ended).isEmpty();
    }

    @Test
    void whereNotEvenThatCanBeSaidTheOthersHaveTheirs() {
        call.failure = new OutOfMemoryError("fake");
        answer.answered(NOBODYS, List.of());
        assertThat(call.ended).extracting(Status::getCode).containsExactly(Status.Code.INTERNAL);
    }

    @Test
    void aRefusalThatCannotBeSentIsTriedOnceMoreWithoutItsText() {
        call.failure = new OutOfMemoryError("fake");
        answer.refused(new OipException(Fault.OVERLOADED, "full"));
        assertThat(call.ended)
                .extracting(Status::getCode)
                .containsExactly(Status.Code.RESOURCE_EXHAUSTED, Status.Code.INTERNAL);
    }
}
