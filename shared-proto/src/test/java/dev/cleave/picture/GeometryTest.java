package dev.cleave.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden pictures small enough to be worked out by hand, and a naive implementation in double beside the fast one. */
class GeometryTest {
    /** A picture of greys. */
    private static Picture grey(int width, int height, int... values) {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i / 3];
        }
        return new Picture(width, height, rgb);
    }

    private static Picture noise(int width, int height, long seed) {
        byte[] rgb = new byte[width * height * 3];
        new Random(seed).nextBytes(rgb);
        return new Picture(width, height, rgb);
    }

    private static Picture apply(String json, Picture picture) {
        return Preprocessing.parse(json).geometry(picture);
    }

    private static int[] reds(Picture picture) {
        int[] reds = new int[picture.width() * picture.height()];
        for (int i = 0; i < reds.length; i++) {
            reds[i] = picture.rgb()[i * 3] & 0xff;
        }
        return reds;
    }

    private static void assertSize(Picture picture, int width, int height) {
        assertThat(picture.width()).isEqualTo(width);
        assertThat(picture.height()).isEqualTo(height);
    }

    @Test
    void halvingAveragesWithATriangleOfWeightsOneThreeThreeOne() {
        // Centre 1 of pixel 0, radius 2: weights 3/4, 3/4, 1/4 of pixels 0, 1, 2, normalised by 7/4.
        // Pixel 0 = (3*0 + 3*80 + 1*160) / 7 = 57.14; pixel 1 mirrors it: (1*80 + 3*160 + 3*240) / 7 = 182.86.
        Picture half = apply("{\"resize\":[1,2]}", grey(4, 1, 0, 80, 160, 240));
        assertThat(reds(half)).containsExactly(57, 183);
        // Six to three: the middle pixel has all four weights: (1*60 + 3*90 + 3*200 + 1*10) / 8 = 117.5, rounded up.
        Picture third = apply("{\"resize\":[1,3]}", grey(6, 1, 0, 60, 90, 200, 10, 0));
        assertThat(reds(third)[1]).isEqualTo(118);
    }

    @Test
    void doublingTakesQuartersOfTheNeighbours() {
        int[] expected = {0, 25, 75, 100};
        for (String interpolation : new String[] {"bilinear", "bilinear-plain"}) {
            String json = "{\"resize\":[1,4],\"interpolation\":\"" + interpolation + "\"}";
            assertThat(reds(apply(json, grey(2, 1, 0, 100)))).containsExactly(expected);
        }
    }

    @Test
    void plainBilinearSkipsPixelsWhenShrinking() {
        // The centres lie between pixels 1 and 2, and 5 and 6: the mean of two, whatever is around them.
        String json = "{\"resize\":[1,2],\"interpolation\":\"bilinear-plain\"}";
        assertThat(reds(apply(json, grey(8, 1, 9, 10, 20, 9, 9, 200, 100, 9)))).containsExactly(15, 150);
    }

    @Test
    void nearestTakesThePixelUnderTheCentre() {
        String json = "{\"resize\":[1,2],\"interpolation\":\"nearest\"}";
        assertThat(reds(apply(json, grey(5, 1, 1, 2, 3, 4, 5)))).containsExactly(2, 4);
        String larger = "{\"resize\":[1,5],\"interpolation\":\"nearest\"}";
        assertThat(reds(apply(larger, grey(2, 1, 1, 2)))).containsExactly(1, 1, 2, 2, 2);
    }

    @ParameterizedTest
    @CsvSource({
        "bilinear,37,23,11,7",
        "bilinear,7,5,31,29",
        "bilinear,64,9,10,40",
        "bilinear-plain,37,23,11,7",
        "bilinear-plain,7,5,31,29",
        "nearest,37,23,11,7",
        "nearest,7,5,31,29",
        "bilinear,1,1,5,5",
        "bilinear,50,50,1,1"
    })
    void agreesWithTheNaiveFilter(String interpolation, int width, int height, int newWidth, int newHeight) {
        Picture picture = noise(width, height, 3);
        String json = "{\"resize\":[" + newHeight + "," + newWidth + "],\"interpolation\":\"" + interpolation + "\"}";
        Picture resized = apply(json, picture);
        assertSize(resized, newWidth, newHeight);
        for (int y = 0; y < newHeight; y++) {
            for (int x = 0; x < newWidth; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    double expected = naive(interpolation, picture, newWidth, newHeight, x, y, channel);
                    int actual = resized.rgb()[(y * newWidth + x) * 3 + channel] & 0xff;
                    // Rounded twice, once per direction.
                    assertThat(Math.abs(actual - expected)).isLessThanOrEqualTo(1.01);
                }
            }
        }
    }

    /** The weighted mean over all pixels of the picture: no separation, no tables, no integers. */
    private static double naive(String filter, Picture in, int newWidth, int newHeight, int x, int y, int channel) {
        double sum = 0;
        double weights = 0;
        for (int v = 0; v < in.height(); v++) {
            double row = weight(
                    filter, v, (y + 0.5) * in.height() / newHeight, (double) in.height() / newHeight, in.height());
            for (int u = 0; u < in.width(); u++) {
                double weight = row
                        * weight(
                                filter,
                                u,
                                (x + 0.5) * in.width() / newWidth,
                                (double) in.width() / newWidth,
                                in.width());
                sum += weight * (in.rgb()[(v * in.width() + u) * 3 + channel] & 0xff);
                weights += weight;
            }
        }
        return sum / weights;
    }

    private static double weight(String filter, int pixel, double center, double factor, int pixels) {
        if (filter.equals("nearest")) {
            return pixel == (int) Math.floor(center) ? 1 : 0;
        }
        double radius = filter.equals("bilinear") ? Math.max(1, factor) : 1;
        double inside = filter.equals("bilinear") ? center : Math.max(0.5, Math.min(pixels - 0.5, center));
        return Math.max(0, 1 - Math.abs(pixel + 0.5 - inside) / radius);
    }

    @Test
    void aFlatPictureStaysFlat() {
        Picture flat = apply(
                "{\"resize\":[13,17]}",
                grey(5, 3, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201, 201));
        assertThat(reds(flat)).containsOnly(201);
    }

    @ParameterizedTest
    @CsvSource({"640,480,341,256", "480,640,256,341", "500,333,384,256", "300,300,256,256", "1000,10,25600,256"})
    void bringsTheShorterSideToSizeAndRoundsTheOtherDown(int width, int height, int newWidth, int newHeight) {
        assertSize(
                apply("{\"resize\":256,\"interpolation\":\"nearest\"}", noise(width, height, 1)), newWidth, newHeight);
    }

    @Test
    void anOpenSideFollowsTheAspectRatioButNotBeyondThePadding() {
        assertSize(apply("{\"resize\":[48,null]}", noise(200, 100, 1)), 96, 48);
        assertSize(apply("{\"resize\":[null,50]}", noise(200, 100, 1)), 50, 25);
        assertSize(apply("{\"resize\":[48,null],\"pad\":[48,320]}", noise(200, 100, 1)), 320, 48);
        assertSize(apply("{\"resize\":[48,null],\"pad\":[48,320]}", noise(2000, 100, 1)), 320, 48);
        assertSize(apply("{\"resize\":[1,null]}", noise(3, 100, 1)), 1, 1);
    }

    @Test
    void cropsTheCentreRoundingHalvesToEven() {
        Picture row = grey(7, 1, 0, 1, 2, 3, 4, 5, 6);
        assertThat(reds(apply("{\"crop\":[1,3]}", row))).containsExactly(2, 3, 4);
        // 3 and 5 left over: half of them is 1.5 and 2.5, both to 2.
        assertThat(reds(apply("{\"crop\":[1,4]}", row))).containsExactly(2, 3, 4, 5);
        assertThat(reds(apply("{\"crop\":[1,2]}", row))).containsExactly(2, 3);
        assertThat(reds(apply("{\"crop\":1}", grey(1, 3, 5, 6, 7)))).containsExactly(6);
    }

    @Test
    void padsAtTheRightAndTheBottom() {
        Picture padded = apply("{\"pad\":[2,3],\"padValue\":128}", grey(2, 1, 7, 9));
        assertSize(padded, 3, 2);
        assertThat(reds(padded)).containsExactly(7, 9, 128, 128, 128, 128);
        assertSize(apply("{\"pad\":[null,5]}", grey(2, 1, 7, 9)), 5, 1);
    }

    @Test
    void withoutStepsReturnsThePictureItself() {
        Picture picture = noise(3, 2, 1);
        assertThat(apply("{}", picture)).isSameAs(picture);
        assertThat(apply("{\"resize\":2}", picture)).isSameAs(picture);
    }

    @Test
    void leavesItsInputAlone() {
        Picture picture = noise(9, 9, 1);
        byte[] before = picture.rgb().clone();
        apply("{\"resize\":[3,20],\"crop\":3,\"pad\":[9,9]}", picture);
        assertThat(picture.rgb()).isEqualTo(before);
    }

    @Test
    void refusesWhatCannotBeCroppedPaddedOrHeldInMemory() {
        assertRefused("{\"crop\":4}", noise(3, 5, 1), "3x5 pixels is too small for a crop of 4x4");
        assertRefused("{\"pad\":[2,2]}", noise(3, 1, 1), "3x1 pixels cannot be padded to 2x2");
        assertRefused("{\"pad\":[60000,60000]}", noise(3, 1, 1), "60000x60000");
        assertRefused("{\"resize\":256}", noise(1, 100_000, 1), "256x25600000");
        assertRefused("{\"resize\":[10,40000]}", noise(2, 100_000, 1), "40000x10");
    }

    private static void assertRefused(String json, Picture picture, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(json, picture))
                .withMessageContaining(why);
    }
}
