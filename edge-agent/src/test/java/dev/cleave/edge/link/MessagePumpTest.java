package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Ping;
import io.grpc.stub.ClientCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MessagePumpTest {
    private static final int SENDERS = 4;
    private static final int MESSAGES_EACH = 2000;

    private final Queue<ClientMessage> waiting = new ConcurrentLinkedQueue<>();
    private final List<RuntimeException> failures = new ArrayList<>();
    private final MessagePump pump = new MessagePump(
            room -> {
                ClientMessage message = waiting.poll();
                return message == null ? null : new MessagePump.Item(message, () -> {});
            },
            failures::add);

    /** Fails the test if two threads are in it at once. */
    private static class Transport extends ClientCallStreamObserver<ClientMessage> {
        final List<Long> sent = new ArrayList<>();
        final AtomicBoolean busy = new AtomicBoolean();
        boolean overlapped;
        boolean completed;

        @Override
        public void onNext(ClientMessage message) {
            overlapped |= !busy.compareAndSet(false, true);
            sent.add(message.getPing().getNonce());
            busy.set(false);
        }

        @Override
        public void onCompleted() {
            completed = true;
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void cancel(String message, Throwable cause) {}

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

    private static ClientMessage ping(long nonce) {
        return ClientMessage.newBuilder()
                .setPing(Ping.newBuilder().setNonce(nonce))
                .build();
    }

    @Test
    void oneThreadSendsForAllAndLeavesNothingBehind() throws Exception {
        Transport transport = new Transport();
        pump.attach(transport);
        AtomicLong nonce = new AtomicLong();
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            senders.add(new Thread(() -> {
                for (int message = 0; message < MESSAGES_EACH; message++) {
                    waiting.add(ping(nonce.incrementAndGet()));
                    pump.run();
                }
            }));
        }
        senders.forEach(Thread::start);
        for (Thread sender : senders) {
            sender.join();
        }
        assertThat(transport.sent).hasSize(SENDERS * MESSAGES_EACH).doesNotHaveDuplicates();
        assertThat(transport.overlapped).isFalse();
        assertThat(failures).isEmpty();
    }

    @Test
    void aTransportThatAnswersOnTheSameThreadIsServedAfterwards() {
        Transport transport = new Transport() {
            @Override
            public void onNext(ClientMessage message) {
                if (message.getPing().getNonce() == 1) {
                    waiting.add(ping(2));
                    pump.run();
                }
                super.onNext(message);
            }
        };
        pump.attach(transport);
        waiting.add(ping(1));
        pump.run();
        assertThat(transport.sent).containsExactly(1L, 2L);
        assertThat(transport.overlapped).isFalse();
    }

    @Test
    void theEndComesAfterTheLastMessageAndOnce() {
        Transport transport = new Transport();
        pump.attach(transport);
        waiting.add(ping(1));
        pump.halfClose();
        pump.halfClose();
        assertThat(transport.sent).containsExactly(1L);
        assertThat(transport.completed).isTrue();
    }

    @Test
    void reportsATransportThatThrows() {
        IllegalStateException closed = new IllegalStateException("call was cancelled");
        pump.attach(new Transport() {
            @Override
            public void onNext(ClientMessage message) {
                throw closed;
            }
        });
        waiting.add(ping(1));
        pump.run();
        assertThat(failures).containsExactly(closed);
    }

    @Test
    void keepsMessagesUntilThereIsATransport() {
        waiting.add(ping(1));
        pump.run();
        Transport transport = new Transport();
        pump.attach(transport);
        pump.run();
        assertThat(transport.sent).containsExactly(1L);
    }
}
