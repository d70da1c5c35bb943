package dev.cleave.codec.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RansTest {
    /** The multiplication gives the quotient that division would, for every frequency. */
    @Test
    void putsASymbolAsTheFormulaSays() {
        Random random = new Random(1);
        for (int frequency = 1; frequency < SymbolTable.SCALE; frequency++) {
            int cumulative = random.nextInt(SymbolTable.SCALE - frequency + 1);
            long code = Rans.code(cumulative & SymbolTable.SCALE - 1, frequency);
            assertThat(Rans.frequency(code)).isEqualTo(frequency);
            int limit = frequency << Rans.LIMIT_BITS;
            for (int round = 0; round < 40; round++) {
                int state = round == 0 ? limit - 1 : round == 1 ? limit - frequency : random.nextInt(limit);
                int expected = (state / frequency << SymbolTable.SCALE_BITS)
                        + state % frequency
                        + (cumulative & SymbolTable.SCALE - 1);
                assertThat(Rans.put(state, code))
                        .as("frequency %d, state %d", frequency, state)
                        .isEqualTo(expected);
            }
        }
    }
}
