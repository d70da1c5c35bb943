package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Open;
import dev.cleave.v1.ServerMessage;
import dev.cleave.wire.Chunks;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One stream's words in an order that a real transport brings about now and then. */
class StreamSessionTest {
    private static final TestModel MODEL = TestModel.named("affine");

    @TempDir
    Path directory;

    private final FakeCall call = new FakeCall();
    private GatewayFixture gateway;
    private StreamSession session;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(directory, GatewayConfig.builder(), MODEL);
        call.room = Integer.MAX_VALUE;
        session = gateway.session(call);
    }

    @AfterEach
    void stop() throws Exception {
        session.cancelled();
        session.over();
        gateway.close();
    }

    private void open() {
        session.onNext(ClientMessage.newBuilder()
                .setOpen(Open.newBuilder().setBundleId(gateway.model(0).bundle().id()))
                .build());
    }

    private void send(long id) {
        Frame header = frame(id, 1, 1).build();
        Chunks.split(header, MODEL.payload(1, id), 1 << 20)
                .forEach(chunk -> session.onNext(
                        ClientMessage.newBuilder().setFrame(chunk).build()));
    }

    @Test
    void saysThatItDrainsAfterItHasSaidOpened() {
        session.drain(TimeUnit.SECONDS.toNanos(3));
        assertThat(call.sent).isEmpty();
        open();
        assertThat(call.sent).containsExactly("opened", "drain");
        session.drain(TimeUnit.SECONDS.toNanos(2));
        assertThat(call.sent).containsExactly("opened", "drain", "drain");
    }

    @Test
    void saysNothingOfADrainToAnAgentThatIsRefused() {
        session.drain(TimeUnit.SECONDS.toNanos(3));
        session.onNext(ClientMessage.newBuilder()
                .setOpen(Open.newBuilder().setBundleId("another"))
                .build());
        assertThat(call.sent).containsExactly("opened", "end");
    }

    /** An agent that has its reply may use the id again, however soon. */
    @Test
    void anIdIsFreeWhenItsReplyIsSent() throws Exception {
        open();
        int rounds = 5;
        CountDownLatch replies = new CountDownLatch(rounds);
        AtomicInteger sent = new AtomicInteger(1);
        Queue<String> errors = new ConcurrentLinkedQueue<>();
        call.taken = message -> {
            if (message.hasReply()) {
                if (message.getReply().hasError()) {
                    errors.add(message.getReply().getError().getMessage());
                }
                replies.countDown();
                if (sent.incrementAndGet() <= rounds) {
                    send(1);
                }
            }
        };
        send(1);
        assertThat(replies.await(60, TimeUnit.SECONDS)).as(call.sent.toString()).isTrue();
        assertThat(errors).isEmpty();
    }

    /** However soon the id is free: the stream ends after the reply, not between. */
    @Test
    void aHalfClosedStreamEndsAfterItsLastReply() throws Exception {
        open();
        gateway.engine.hold();
        send(1);
        gateway.engine.awaitHeld(1);
        CountDownLatch credit = new CountDownLatch(1);
        call.taken = message -> {
            if (isCreditForFrames(message)) {
                credit.countDown();
            }
        };
        session.onCompleted();
        assertThat(call.sent).doesNotContain("end");
        gateway.engine.release();
        assertThat(credit.await(60, TimeUnit.SECONDS)).isTrue();
        while (!call.sent.contains("end")) {
            Thread.onSpinWait();
        }
        assertThat(call.sent).containsExactly("opened", "ack", "credit", "1.0", "credit", "end");
    }

    private static boolean isCreditForFrames(ServerMessage message) {
        return message.hasCredit() && message.getCredit().getFrames() > 0;
    }

    @Test
    void whatIsSaidBeforeOpenCostsTheRequestAlone() {
        session.onNext(ClientMessage.newBuilder()
                .setFrame(frame(7, 1, 1).setChunkCount(1).setPayload(ByteString.copyFromUtf8("x")))
                .build());
        open();
        assertThat(call.sent).containsExactly("7.0", "credit", "opened");
    }
}
