package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.DescribeResponse;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class GuardedCallTest {
    private static final DescribeResponse MESSAGE = DescribeResponse.getDefaultInstance();

    /** Keeps what it is told. */
    private static final class Told extends ServerCall<DescribeRequest, DescribeResponse> {
        final List<String> words = new ArrayList<>();
        /** Done while a message is sent. */
        Runnable meanwhile = () -> {};

        @Override
        public void request(int count) {}

        @Override
        public void sendHeaders(Metadata headers) {
            words.add("headers");
        }

        @Override
        public void sendMessage(DescribeResponse message) {
            meanwhile.run();
            words.add("message");
        }

        @Override
        public void close(Status status, Metadata trailers) {
            words.add(status.getCode().name());
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<DescribeRequest, DescribeResponse> getMethodDescriptor() {
            return SplitInferenceGrpc.getDescribeMethod();
        }
    }

    private final Told told = new Told();
    private final GuardedCall<DescribeRequest, DescribeResponse> call = new GuardedCall<>(told);

    @Test
    void passesOnWhatItsHandlerSays() {
        call.sendHeaders(new Metadata());
        call.sendMessage(MESSAGE);
        assertThat(call.hasEnded()).isFalse();
        call.close(Status.OK, new Metadata());
        assertThat(call.hasEnded()).isTrue();
        call.refuse(Status.ABORTED);
        call.followNote();
        assertThat(told.words).containsExactly("headers", "message", "OK");
    }

    @Test
    void dropsWhatItsHandlerSaysOnceSomebodyElseHasEndedIt() {
        call.refuse(Status.ABORTED);
        call.refuse(Status.INTERNAL);
        call.sendHeaders(new Metadata());
        call.sendMessage(MESSAGE);
        call.close(Status.OK, new Metadata());
        assertThat(call.hasEnded()).isTrue();
        assertThat(told.words).containsExactly("ABORTED");
    }

    @Test
    void endsBehindTheMessageThatIsBeingSent() {
        told.meanwhile = () -> {
            call.refuse(Status.ABORTED);
            assertThat(call.hasEnded()).isTrue();
            assertThat(told.words).isEmpty();
        };
        call.sendMessage(MESSAGE);
        call.sendMessage(MESSAGE);
        assertThat(told.words).containsExactly("message", "ABORTED");
    }

    @Test
    void isFreeAgainAfterAMessageThatFailed() {
        told.meanwhile = () -> {
            throw new IllegalStateException("too large");
        };
        assertThatThrownBy(() -> call.sendMessage(MESSAGE)).hasMessage("too large");
        call.close(Status.INTERNAL, new Metadata());
        assertThat(told.words).containsExactly("INTERNAL");
    }

    @Test
    void namesAHandlerWhoSendsWithTwoThreads() {
        told.meanwhile = () -> assertThatThrownBy(() -> call.sendMessage(MESSAGE))
                .hasMessage("two threads send on one call; expected one at a time");
        call.sendMessage(MESSAGE);
        assertThat(told.words).containsExactly("message");
    }

    /** A handler sends while another thread ends the call: whenever that comes, it ends once, and with nothing behind. */
    @Test
    void endsOnceWheneverThatComes() throws Exception {
        for (int round = 0; round < 500; round++) {
            Told words = new Told();
            GuardedCall<DescribeRequest, DescribeResponse> each = new GuardedCall<>(words);
            CountDownLatch begun = new CountDownLatch(1);
            Thread other = new Thread(() -> {
                begun.countDown();
                each.refuse(Status.ABORTED);
            });
            other.start();
            begun.await();
            for (int i = 0; i < 50; i++) {
                each.sendMessage(MESSAGE);
            }
            other.join();
            each.followNote();
            each.sendMessage(MESSAGE);
            assertThat(words.words).endsWith("ABORTED").containsOnlyOnce("ABORTED");
        }
    }
}
