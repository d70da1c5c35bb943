package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.metrics.GatewayMetrics;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Replies that cannot be made. */
class StreamRepliesTest {
    private final FakeCall call = new FakeCall();
    private final GatewayMetrics metrics = new GatewayMetrics();

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void aStreamEndsIfItsAgentWouldWaitForAReplyThatCannotBeMade() {
        call.room = 10;
        Outbound outbound = new Outbound(call, null, 10, () -> {});
        StreamReplies replies = new StreamReplies(
                outbound,
                null,
                metrics.model("m", "1"),
                1024,
                () -> {
                    throw new OutOfMemoryError("fake");
                },
                () -> {});
        StreamRequest request = new StreamRequest(TestAgent.frame(1, 1, 1).build(), 0, 0, 0);
        replies.reply(request, null, Outcome.answer(ByteBuffer.allocate(0), Timing.queued(0)));
        assertThat(call.sent).containsExactly("INTERNAL");
    }
}
