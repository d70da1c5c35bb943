package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymbolsTest {
    @Test
    void takesTheBitsOfTheLargestSymbol() {
        assertThat(Symbols.width(2)).isEqualTo(1);
        assertThat(Symbols.width(3)).isEqualTo(2);
        assertThat(Symbols.width(128)).isEqualTo(7);
        assertThat(Symbols.width(129)).isEqualTo(8);
        assertThat(Symbols.width(256)).isEqualTo(8);
    }

    @Test
    void packsFromTheLowestBitUp() {
        assertThat(Symbols.pack(new byte[] {1, 2, 3, 4}, 4, 3)).containsExactly(0b11_010_001, 0b0000_100_0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void unpacksWhatItPacksAtEveryLength(int width) {
        Random random = new Random(width);
        for (int count = 0; count < 40; count++) {
            byte[] symbols = new byte[count];
            for (int i = 0; i < count; i++) {
                symbols[i] = (byte) random.nextInt(1 << width);
            }
            byte[] packed = Symbols.pack(symbols, count, width);
            assertThat(packed).hasSize((int) Symbols.packedBytes(count, width));
            byte[] unpacked = new byte[count];
            assertThat(Symbols.unpack(packed, width, unpacked, count)).isTrue();
            assertThat(unpacked).isEqualTo(symbols);
        }
    }

    @Test
    void noticesBitsAfterTheLastSymbol() {
        assertThat(Symbols.unpack(new byte[] {0b0000_1000}, 3, new byte[1], 1)).isFalse();
    }
}
