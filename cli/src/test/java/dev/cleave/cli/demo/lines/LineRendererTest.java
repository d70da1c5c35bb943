package dev.cleave.cli.demo.lines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.picture.Picture;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LineRendererTest {
    private static final LineStyle PLAIN = new LineStyle(0, 28, 0, 0, 0x000000, 0xFFFFFF, 0.3, 0);

    private static LineRenderer renderer;

    @BeforeAll
    static void load() throws IOException {
        renderer = new LineRenderer();
    }

    @AfterAll
    static void close() throws IOException {
        renderer.close();
    }

    @Test
    void sameSeedGivesTheSameLines() throws IOException {
        List<Line> first = renderer.lines(20, 3);
        List<Line> second = renderer.lines(20, 3);
        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i).text()).isEqualTo(first.get(i).text());
            assertThat(second.get(i).picture().rgb())
                    .isEqualTo(first.get(i).picture().rgb());
        }
        assertThat(renderer.lines(20, 4).get(0).text())
                .isNotEqualTo(first.get(0).text());
    }

    @Test
    void linesAreShortPlainAsciiAndSeldomRepeat() {
        Random random = new Random(1);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String text = LineText.next(random);
            assertThat(text).matches("[!-~]+( [!-~]+)*");
            assertThat(text.length()).isBetween(LineText.MIN_LENGTH, LineText.MAX_LENGTH);
            seen.add(text);
        }
        assertThat(seen).hasSizeGreaterThan(950);
    }

    @Test
    void picturesHaveTheCanvasSizeInkAndFreeMargins() throws IOException {
        for (String text : List.of("minimal", "WWWWWWWWWWWWWWWWWWWWWW", "jgpqy 0123456789")) {
            Picture picture = renderer.draw(text, PLAIN, new Random(0));
            assertThat(picture.width()).isEqualTo(LineRenderer.WIDTH);
            assertThat(picture.height()).isEqualTo(LineRenderer.HEIGHT);
            assertThat(darkest(picture, 8, 300)).isLessThan(60);
            assertThat(darkest(picture, 0, 4)).isEqualTo(255);
            assertThat(darkest(picture, 316, 320)).isEqualTo(255);
        }
    }

    @Test
    void typefacesSlantTiltNoiseAndColoursShow() throws IOException {
        byte[] plain = renderer.draw("harbor 17:30", PLAIN, new Random(0)).rgb();
        for (LineStyle style : List.of(
                new LineStyle(5, 28, 0, 0, 0, 0xFFFFFF, 0.3, 0),
                new LineStyle(0, 24, 0, 0, 0, 0xFFFFFF, 0.3, 0),
                new LineStyle(0, 28, 0.15, 0, 0, 0xFFFFFF, 0.3, 0),
                new LineStyle(0, 28, 0, 0.01, 0, 0xFFFFFF, 0.3, 0),
                new LineStyle(0, 28, 0, 0, 0x400000, 0xF0F0FF, 0.3, 0),
                new LineStyle(0, 28, 0, 0, 0, 0xFFFFFF, 0.8, 0),
                new LineStyle(0, 28, 0, 0, 0, 0xFFFFFF, 0.3, 8))) {
            assertThat(renderer.draw("harbor 17:30", style, new Random(0)).rgb())
                    .as("%s", style)
                    .isNotEqualTo(plain);
        }
    }

    @Test
    void outlinesHaveTheFontsOwnWidths() throws IOException {
        try (Typeface mono = Typeface.load("/net/sf/jasperreports/fonts/dejavu/DejaVuSansMono.ttf")) {
            assertThat(mono.width("iiii")).isEqualTo(mono.width("WWWW")).isBetween(2.3, 2.5);
            assertThat(mono.outline("W").getBounds2D().getMinY()).isBetween(-0.8, -0.7);
        }
    }

    /** The smallest red sample in columns {@code from} to {@code to}. */
    private static int darkest(Picture picture, int from, int to) {
        int darkest = 255;
        for (int y = 0; y < picture.height(); y++) {
            for (int x = from; x < to; x++) {
                darkest = Math.min(darkest, picture.rgb()[3 * (y * picture.width() + x)] & 0xFF);
            }
        }
        return darkest;
    }
}
