package dev.cleave.codec.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.temporal.SampleVideos.Values;
import dev.cleave.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is written in docs/FORMATS.md is what the coder does: a decoder made from that page alone reads its bytes. */
class TextbookDecoderTest {
    @ParameterizedTest
    @CsvSource({"7, 9, 11, 12, 0.6", "4, 6, 5, 256, 40", "3, 1, 17, 2, 0.2", "9, 7, 7, 64, 3", "1, 12, 1, 33, 1"})
    void readsWhatTheCoderWrites(int planes, int height, int width, int levels, double noise) {
        int elements = planes * height * width;
        Shape shape = Shape.of(1, planes, height, width);
        TemporalCoder coder = new TemporalCoder(1, levels);
        TemporalTuning tuning = new TemporalTuning(TemporalTuning.USUAL_EXCESS);
        TemporalScratch scratch = new TemporalScratch();
        Values first = SampleVideos.scene(elements, height, width, levels, 0, noise, 1);
        SymbolReference reference = SymbolReference.alone(first.nearest());
        for (int time = 1; time < 6; time++) {
            Values values = SampleVideos.scene(elements, height, width, levels, time, noise, 1);
            byte[] symbols = new byte[elements];
            int bytes = coder.encode(
                    values.floors(),
                    values.fractions(),
                    shape,
                    reference,
                    200 + 8 * elements,
                    symbols,
                    tuning,
                    scratch);
            byte[] coded = Arrays.copyOfRange(scratch.coded(), scratch.codedFrom(), scratch.codedFrom() + bytes);
            int[][][] decoded = TextbookDecoder.decode(
                    coded,
                    planes(reference.symbols(), planes, height, width),
                    planes(reference.before(), planes, height, width),
                    levels);
            assertThat(decoded).isEqualTo(planes(symbols, planes, height, width));
            reference = reference.next(symbols);
        }
    }

    private static int[][][] planes(byte[] symbols, int planes, int height, int width) {
        int[][][] split = new int[planes][height][width];
        for (int i = 0; i < symbols.length; i++) {
            split[i / (height * width)][i / width % height][i % width] = symbols[i] & 0xff;
        }
        return split;
    }
}
