package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IncomingBytesTest {
    @Test
    void whatIsInHandCountsAsWell() {
        IncomingBytes incoming = new IncomingBytes(1000);
        IncomingBytes.OfCall one = incoming.ofCall();
        IncomingBytes.OfCall other = incoming.ofCall();
        assertThat(one.came(400)).isTrue();
        assertThat(incoming.total()).isEqualTo(400);
        assertThat(other.came(500)).isTrue();
        assertThat(incoming.total()).isEqualTo(900);
        assertThat(one.came(101)).isFalse();
        assertThat(incoming.total()).isEqualTo(1001);
        other.left();
        assertThat(incoming.total()).isEqualTo(501);
        assertThat(one.came(499)).isTrue();
        one.end();
        other.end();
        assertThat(incoming.total()).isZero();
    }

    @Test
    void nothingIsLeftOfMessagesThatCameWhole() {
        IncomingBytes incoming = new IncomingBytes(1000);
        IncomingBytes.OfCall call = incoming.ofCall();
        for (int i = 0; i < 100; i++) {
            assertThat(call.came(900)).isTrue();
            call.left();
            assertThat(incoming.total()).isZero();
        }
    }

    @Test
    void noThreadHasMoreInHandThanItMay() throws Exception {
        IncomingBytes incoming = new IncomingBytes(3 * IncomingBytes.MOST_IN_HAND);
        IncomingBytes.OfCall call = incoming.ofCall();
        assertThat(call.came(IncomingBytes.MOST_IN_HAND)).isTrue();
        assertThat(call.came(IncomingBytes.MOST_IN_HAND)).isTrue();
        List<Boolean> room = new ArrayList<>();
        Thread thread = new Thread(() -> {
            IncomingBytes.OfCall mine = incoming.ofCall();
            room.add(mine.came(IncomingBytes.MOST_IN_HAND));
            room.add(mine.came(1));
        });
        thread.start();
        thread.join();
        assertThat(room).as("what this thread has taken is known to others").containsExactly(true, false);
    }

    @Test
    void anotherThreadMayLetGoOfWhatStays() throws Exception {
        IncomingBytes incoming = new IncomingBytes(1000);
        IncomingBytes.OfCall call = incoming.ofCall();
        call.came(300);
        call.stays();
        Thread handler = new Thread(call::left);
        handler.start();
        handler.join();
        assertThat(incoming.total()).isZero();
        call.end();
        assertThat(incoming.total()).isZero();
    }

    @Test
    void whatComesByAnotherThreadOrAfterTheEndIsNotCountedForGood() throws Exception {
        IncomingBytes incoming = new IncomingBytes(1000);
        IncomingBytes.OfCall call = incoming.ofCall();
        call.came(10);
        Thread other = new Thread(() -> {
            call.came(20);
            call.end();
        });
        other.start();
        other.join();
        call.came(30);
        incoming.ofCall().came(1);
        assertThat(incoming.total()).as("of the other call").isEqualTo(1);
    }

    /** Threads with many calls each: at the end nothing is left. */
    @Test
    void countsExactlyForManyThreads() throws Exception {
        IncomingBytes incoming = new IncomingBytes(Long.MAX_VALUE);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Random random = new Random(i);
            threads.add(new Thread(() -> {
                List<IncomingBytes.OfCall> calls = new ArrayList<>();
                for (int call = 0; call < 20; call++) {
                    calls.add(incoming.ofCall());
                }
                for (int step = 0; step < 20_000; step++) {
                    IncomingBytes.OfCall call = calls.get(random.nextInt(calls.size()));
                    switch (random.nextInt(4)) {
                        case 0 -> call.left();
                        case 1 -> call.stays();
                        default -> call.came(random.nextInt(50_000));
                    }
                }
                calls.forEach(IncomingBytes.OfCall::end);
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(incoming.total()).isZero();
    }
}
