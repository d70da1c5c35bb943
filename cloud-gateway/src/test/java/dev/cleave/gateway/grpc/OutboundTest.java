package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.v1.Pong;
import dev.cleave.v1.Reply;
import dev.cleave.v1.ServerMessage;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OutboundTest {
    private final FakeCall call = new FakeCall();
    private int roomTold;
    private Outbound outbound = new Outbound(call, null, 3, () -> roomTold++);

    private static ServerMessage pong(int nonce) {
        return ServerMessage.newBuilder()
                .setPong(Pong.newBuilder().setNonce(nonce))
                .build();
    }

    private static Iterator<ServerMessage> reply(int id, int chunks) {
        return IntStream.range(0, chunks)
                .mapToObj(index -> ServerMessage.newBuilder()
                        .setReply(Reply.newBuilder().setRequestId(id).setChunkIndex(index))
                        .build())
                .iterator();
    }

    private void send(int id, int chunks) {
        outbound.reply(reply(id, chunks), () -> Replies.credit(1, 0));
    }

    @Test
    void sendsNothingWhileTheTransportIsFull() {
        outbound.send(pong(1));
        send(1, 2);
        assertThat(call.sent).isEmpty();
        call.takes(2);
        assertThat(call.sent).containsExactly("pong1", "1.0");
        call.takes(9);
        assertThat(call.sent).containsExactly("pong1", "1.0", "1.1", "credit");
    }

    @Test
    void sendsTheChunksOfRepliesInTurnAndCreditAfterEach() {
        send(1, 3);
        send(2, 1);
        send(3, 2);
        call.takes(100);
        assertThat(call.sent).containsExactly("1.0", "2.0", "credit", "3.0", "1.1", "3.1", "credit", "1.2", "credit");
    }

    @Test
    void letsControlMessagesOvertakeReplies() {
        send(1, 3);
        call.takes(1);
        outbound.send(pong(7));
        call.takes(100);
        assertThat(call.sent).containsExactly("1.0", "pong7", "1.1", "1.2", "credit");
    }

    @Test
    void hasNoRoomAboveItsBoundAndTellsWhenItHasAgain() {
        send(1, 1);
        send(2, 1);
        assertThat(outbound.hasRoom()).isTrue();
        outbound.send(pong(1));
        assertThat(outbound.hasRoom()).isFalse();
        assertThat(roomTold).isZero();
        call.takes(1);
        assertThat(outbound.hasRoom()).isTrue();
        assertThat(roomTold).isEqualTo(1);
    }

    @Test
    void endsOnlyWhenEverythingIsSent() {
        send(1, 2);
        outbound.finish();
        call.takes(1);
        assertThat(call.sent).containsExactly("1.0");
        call.takes(5);
        assertThat(call.sent).containsExactly("1.0", "1.1", "credit", "end");
        outbound.finish();
        outbound.send(pong(1));
        call.takes(5);
        assertThat(call.sent).hasSize(4);
    }

    @Test
    void dropsWhatIsLeftWhenItAborts() {
        send(1, 2);
        outbound.abort(Status.FAILED_PRECONDITION);
        outbound.abort(Status.INTERNAL);
        send(2, 1);
        call.takes(5);
        assertThat(call.sent).containsExactly("FAILED_PRECONDITION");
    }

    @Test
    void sendsOnTheThreadThatItIsGiven() {
        List<Runnable> thread = new ArrayList<>();
        outbound = new Outbound(call, thread::add, 3, () -> roomTold++);
        call.room = 9;
        outbound.send(pong(1));
        send(1, 1);
        assertThat(call.sent).isEmpty();
        assertThat(thread).hasSize(1); // woken once for both
        thread.remove(0).run();
        assertThat(call.sent).containsExactly("pong1", "1.0", "credit");
        outbound.send(pong(2));
        thread.remove(0).run();
        assertThat(call.sent).endsWith("pong2");
    }

    @Test
    void sendsHereWhereThatThreadHasEnded() {
        outbound = new Outbound(
                call,
                task -> {
                    throw new RejectedExecutionException("over");
                },
                3,
                () -> roomTold++);
        call.room = 9;
        outbound.send(pong(1));
        assertThat(call.sent).containsExactly("pong1");
    }

    private static List<Throwable> whatMayGoWrong() {
        return List.of(new IllegalStateException("the call is broken"), new OutOfMemoryError("for the message"));
    }

    @ParameterizedTest
    @MethodSource("whatMayGoWrong")
    void endsACallThatDoesNotTakeAMessage(Throwable wrong) {
        call.room = 9;
        call.broken = wrong;
        outbound.send(pong(1));
        outbound.send(pong(2));
        call.broken = null;
        outbound.send(pong(3));
        outbound.finish();
        assertThat(call.sent).containsExactly("INTERNAL");
        assertThat(outbound.hasRoom()).isTrue();
    }

    @Test
    void endsACallWhoseReplyCannotBeMade() {
        call.room = 9;
        Iterator<ServerMessage> broken = IntStream.range(0, 2)
                .mapToObj(index -> {
                    if (index == 1) {
                        throw new IllegalStateException("there is no such chunk");
                    }
                    return pong(index);
                })
                .iterator();
        outbound.reply(broken, () -> Replies.credit(1, 0));
        send(2, 1);
        assertThat(call.sent).endsWith("INTERNAL").doesNotContain("2.0");
    }

    /** Many threads at once: the call is used by one at a time, everything comes once, and in each one's order. */
    @Test
    void sendsForManyThreadsOneAtATime() throws Exception {
        int threads = 4;
        int each = 5_000;
        call.room = Integer.MAX_VALUE / 2;
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int first = i * each;
            senders.add(new Thread(() -> {
                for (int nonce = first; nonce < first + each; nonce++) {
                    outbound.send(pong(nonce));
                }
            }));
        }
        senders.forEach(Thread::start);
        for (Thread sender : senders) {
            sender.join();
        }
        assertThat(call.together).isFalse();
        assertThat(call.sent).hasSize(threads * each);
        for (int i = 0; i < threads; i++) {
            int first = i * each;
            List<Integer> mine = call.sent.stream()
                    .map(pong -> Integer.parseInt(pong.substring("pong".length())))
                    .filter(nonce -> nonce >= first && nonce < first + each)
                    .toList();
            assertThat(mine).isSorted().hasSize(each);
        }
    }
}
