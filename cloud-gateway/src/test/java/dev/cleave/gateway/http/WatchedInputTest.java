package dev.cleave.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

/** One byte read ahead, whoever comes meanwhile. One thread: what another would do is done in the middle of a call. */
class WatchedInputTest {
    /** An endpoint to which bytes come when the test says so. */
    private static final class Wire implements WatchedInput.Source {
        private final Deque<Byte> bytes = new ArrayDeque<>();
        private boolean ended;
        private boolean broken;
        private Callback interested;
        /** Done once, in the middle of the next reading. */
        private Runnable meanwhile = () -> {};

        @Override
        public int fill(ByteBuffer buffer) throws IOException {
            Runnable now = meanwhile;
            meanwhile = () -> {};
            now.run();
            if (broken) {
                throw new IOException("reset");
            }
            int filled = 0;
            while (!bytes.isEmpty() && BufferUtil.space(buffer) > 0) {
                BufferUtil.append(buffer, bytes.remove());
                filled++;
            }
            return filled == 0 && ended ? -1 : filled;
        }

        @Override
        public void fillInterested(Callback callback) {
            assertThat(interested).isNull();
            interested = callback;
        }

        /** Tells of what has come. */
        void tell() {
            Callback told = interested;
            interested = null;
            told.succeeded();
        }

        void come(String text) {
            for (byte each : text.getBytes(StandardCharsets.US_ASCII)) {
                bytes.add(each);
            }
        }
    }

    private final Wire wire = new Wire();
    private final List<Runnable> tasks = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final WatchedInput input = new WatchedInput(wire, tasks::add);
    private final Callback reader = Callback.from(() -> told.add("readable"), cause -> told.add("failed"));

    private String read() throws IOException {
        ByteBuffer buffer = BufferUtil.allocate(16);
        int filled = input.fill(buffer);
        assertThat(filled <= 0 ? 0 : filled).isEqualTo(buffer.remaining());
        return filled < 0 ? "end" : BufferUtil.toString(buffer);
    }

    @Test
    void tellsOfTheCallersLeaveOnce() throws Exception {
        input.whenGone(() -> told.add("gone"));
        wire.ended = true;
        wire.tell();
        assertThat(told).containsExactly("gone");
        assertThat(read()).isEqualTo("end");
        assertThat(wire.interested).isNull();
    }

    @Test
    void takesAConnectionThatBreaksForTheCallersLeave() {
        input.whenGone(() -> told.add("gone"));
        wire.broken = true;
        wire.tell();
        assertThat(told).containsExactly("gone");
    }

    @Test
    void looksOnWhereNothingCame() {
        input.whenGone(() -> told.add("gone"));
        wire.tell();
        assertThat(told).isEmpty();
        wire.ended = true;
        wire.tell();
        assertThat(told).containsExactly("gone");
    }

    @Test
    void keepsTheByteThatItReadForTheConnection() throws Exception {
        input.whenGone(() -> told.add("gone"));
        wire.come("next");
        wire.tell();
        assertThat(input.tryFillInterested(reader)).isTrue();
        assertThat(wire.interested).isNull();
        tasks.remove(0).run();
        assertThat(told).containsExactly("readable");
        assertThat(read()).isEqualTo("next");
        assertThat(read()).isEmpty();
    }

    @Test
    void watchesNoMoreOnceTheConnectionReads() throws Exception {
        input.whenGone(() -> told.add("gone"));
        assertThat(read()).isEmpty();
        wire.ended = true;
        wire.tell();
        assertThat(told).isEmpty();
        assertThat(read()).isEqualTo("end");
    }

    @Test
    void tellsTheConnectionInPlaceOfTheWatcher() {
        input.whenGone(() -> told.add("gone"));
        assertThat(input.tryFillInterested(reader)).isTrue();
        assertThat(input.tryFillInterested(reader)).isFalse();
        assertThat(input.isFillInterested()).isTrue();
        wire.ended = true;
        wire.tell();
        assertThat(told).containsExactly("readable");
        assertThat(input.isFillInterested()).isFalse();
    }

    /** Else its bytes would overtake the one that is being read. */
    @Test
    void aConnectionThatReadsMeanwhileFindsNothingAndIsToldAfterwards() throws Exception {
        input.whenGone(() -> told.add("gone"));
        wire.come("abc");
        wire.meanwhile = () -> {
            told.add(readNow());
            assertThat(input.tryFillInterested(reader)).isTrue();
            assertThat(wire.interested).isNull();
        };
        wire.tell();
        assertThat(told).containsExactly("", "readable");
        assertThat(read()).isEqualTo("abc");
    }

    private String readNow() {
        try {
            return read();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aConnectionThatComesMeanwhileIsToldOfTheEndAndTheWatcherIsNot() throws Exception {
        input.whenGone(() -> told.add("gone"));
        wire.ended = true;
        wire.meanwhile = () -> assertThat(input.tryFillInterested(reader)).isTrue();
        wire.tell();
        assertThat(told).containsExactly("readable");
        assertThat(read()).isEqualTo("end");
    }

    @Test
    void aConnectionThatComesMeanwhileWaitsOnWhereNothingCame() {
        input.whenGone(() -> told.add("gone"));
        wire.meanwhile = () -> assertThat(input.tryFillInterested(reader)).isTrue();
        wire.tell();
        assertThat(told).isEmpty();
        wire.come("a");
        wire.tell();
        assertThat(told).containsExactly("readable");
    }

    /** As Jetty leaves a buffer whose end a body has just filled, and which it uses again. */
    @Test
    void givesTheByteFirstAlsoWhereTheBufferWasReadToItsEnd() throws Exception {
        input.whenGone(() -> told.add("gone"));
        wire.come("next");
        wire.tell();
        ByteBuffer buffer = BufferUtil.allocate(4);
        BufferUtil.append(buffer, new byte[4], 0, 4);
        buffer.position(4);
        input.fill(buffer);
        assertThat(BufferUtil.toString(buffer)).startsWith("n").isSubstringOf("next");
    }

    /** TLS reads on its own behalf while it writes, and asks for no bytes of the request. */
    @Test
    void watchesOnWhereNoBytesAreTaken() throws Exception {
        input.whenGone(() -> told.add("gone"));
        assertThat(input.fill(BufferUtil.EMPTY_BUFFER)).isZero();
        wire.ended = true;
        wire.tell();
        assertThat(told).containsExactly("gone");
    }

    @Test
    void tellsOfAFailureWhoeverAsked() {
        input.whenGone(() -> told.add("gone"));
        wire.interested.failed(new IOException("closed"));
        wire.interested = null;
        input.tryFillInterested(reader);
        wire.interested.failed(new IOException("closed"));
        assertThat(told).containsExactly("gone", "failed");
    }
}
