package dev.cleave.benchmarks.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.benchmarks.process.NativeMemory.Part;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
    private static final String PRINTED = """
        4711:

        Native Memory Tracking:

        (Omitting categories weighting less than 1KB)

        Total: reserved=1500000KB +2000KB, committed=300000KB -500KB

        -                 Java Heap (reserved=131072KB, committed=131072KB)
                                    (mmap: reserved=131072KB, committed=131072KB)

        -                  Compiler (reserved=900KB +12KB, committed=900KB +12KB)
                                    (malloc=700KB +12KB #900 +3)

        -    Native Memory Tracking (reserved=2400KB -8KB, committed=2400KB -8KB)
                                    (malloc=300KB -8KB #4000 -90)
        """;

    @Test
    void readsWhatIsThereAndHowMuchMoreItIs() {
        NativeMemory memory = NativeMemory.parse(PRINTED);
        assertThat(memory.part(NativeMemory.TOTAL)).isEqualTo(new Part(300_000L * 1024, -500L * 1024));
        assertThat(memory.part("Java Heap")).isEqualTo(new Part(131_072L * 1024, 0));
        assertThat(memory.part("Compiler")).isEqualTo(new Part(900 * 1024, 12 * 1024));
        assertThat(memory.part("Native Memory Tracking")).isEqualTo(new Part(2400 * 1024, -8 * 1024));
        assertThat(memory.part("Module")).isEqualTo(new Part(0, 0));
        assertThat(memory.parts()).hasSize(4);
    }

    @Test
    void whatIsNoSummaryIsRefused() {
        assertThatThrownBy(() -> NativeMemory.parse("4711:\nsomething else\n"))
                .hasMessageContaining("something else")
                .hasMessageEndingWith("expected a total");
    }
}
