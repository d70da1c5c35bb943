package dev.cleave.cli.failure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.EngineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class OneLineTest {
    @Test
    void saysWhatIsWrongWithAFile() {
        assertThat(OneLine.of(new NoSuchFileException("m.onnx"))).isEqualTo("m.onnx: no such file or folder");
        assertThat(OneLine.of(new AccessDeniedException("m.onnx"))).isEqualTo("m.onnx: permission denied");
        assertThat(OneLine.of(new NotDirectoryException("m.onnx"))).isEqualTo("m.onnx: is a file; expected a folder");
    }

    @Test
    void keepsTheMessagesOfTheOtherParts() {
        assertThat(OneLine.of(new EngineException("graph \"g\": no input x"))).isEqualTo("graph \"g\": no input x");
        assertThat(OneLine.of(new CodecException("codec 9; expected 1"))).isEqualTo("codec 9; expected 1");
        assertThat(OneLine.of(new UnknownHostException("nowhere"))).isEqualTo("host \"nowhere\" is not known");
    }

    @Test
    void looksThroughTheWrappersOfOtherThreads() {
        Throwable wrapped = new CompletionException(new UncheckedIOException(new IOException("link is down")));
        assertThat(OneLine.of(wrapped)).isEqualTo("link is down");
    }

    @Test
    void joinsLinesAndBoundsTheLength() {
        assertThat(OneLine.of(new IOException("first\n   second\r\nthird\u0007")))
                .isEqualTo("first; second; third?");
        assertThat(OneLine.of(new IOException("x".repeat(10_000))))
                .hasSizeLessThan(700)
                .endsWith("...");
    }

    @Test
    void callsABugABug() {
        assertThat(OneLine.of(new IllegalStateException("oops")))
                .startsWith("internal error: ")
                .contains("oops", "--stacktrace");
        assertThat(OneLine.of(new IOException())).startsWith("internal error: ");
    }

    @Test
    void saysHowToGiveMoreMemory() {
        assertThat(OneLine.of(new OutOfMemoryError("Java heap space"))).contains("Java heap space", "CLEAVE_JAVA_OPTS");
    }
}
