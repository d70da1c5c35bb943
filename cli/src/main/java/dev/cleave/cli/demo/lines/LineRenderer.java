package dev.cleave.cli.demo.lines;

import dev.cleave.picture.Picture;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Draws lines of text as pictures of one size, in several fonts, sizes, weights, slants and colours, with noise, blur
 * and a little tilt; seeded, so that a line is the same wherever it is drawn.
 *
 * <p>Needs no display and no fonts on the machine: outlines come from the DejaVu fonts on the class path and are filled
 * by Java2D's own rasteriser. Not thread-safe.
 */
public final class LineRenderer implements AutoCloseable {
    public static final int WIDTH = 320;
    public static final int HEIGHT = 48;

    private static final String FONT_FOLDER = "/net/sf/jasperreports/fonts/dejavu/";
    private static final String[] FONTS = {
        "DejaVuSans",
        "DejaVuSans-Bold",
        "DejaVuSans-Oblique",
        "DejaVuSansCondensed",
        "DejaVuSansMono",
        "DejaVuSerif",
        "DejaVuSerif-Bold",
        "DejaVuSerif-Italic",
        "DejaVuSerifCondensed"
    };

    private static final int MARGIN = 8;
    private static final double BASELINE = 0.70;
    private static final int SAMPLES = 3;

    private final List<Typeface> typefaces = new ArrayList<>();

    /** @throws IOException if a font is missing from the class path */
    public LineRenderer() throws IOException {
        for (String font : FONTS) {
            typefaces.add(Typeface.load(FONT_FOLDER + font + ".ttf"));
        }
    }

    /** Makes up and draws lines; the same ones for the same seed. */
    public List<Line> lines(int count, long seed) throws IOException {
        Random random = new Random(seed);
        List<Line> lines = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String text = LineText.next(random);
            lines.add(new Line(text, draw(text, LineStyle.next(random, typefaces.size()), random)));
        }
        return lines;
    }

    Picture draw(String text, LineStyle style, Random noise) throws IOException {
        float[] coverage = coverage(outline(text, style));
        blur(coverage, style.blurPixels());
        byte[] rgb = new byte[WIDTH * HEIGHT * SAMPLES];
        for (int pixel = 0; pixel < coverage.length; pixel++) {
            for (int sample = 0; sample < SAMPLES; sample++) {
                int shift = 16 - 8 * sample;
                double paper = style.paper() >> shift & 0xFF;
                double ink = style.ink() >> shift & 0xFF;
                double value = paper + coverage[pixel] * (ink - paper) + style.noise() * noise.nextGaussian();
                rgb[pixel * SAMPLES + sample] = (byte) Math.max(0, Math.min(255, Math.round(value)));
            }
        }
        return new Picture(WIDTH, HEIGHT, rgb);
    }

    /** The text's outline where it belongs on the canvas, in pixels. */
    private Path2D outline(String text, LineStyle style) throws IOException {
        Typeface typeface = typefaces.get(style.typeface());
        double em = Math.min(style.emPixels(), (WIDTH - 2 * MARGIN) / typeface.width(text));
        AffineTransform place = new AffineTransform();
        place.rotate(style.tiltRadians(), WIDTH / 2.0, HEIGHT / 2.0);
        place.translate(MARGIN, HEIGHT * BASELINE);
        place.shear(-style.slant(), 0);
        place.scale(em, em);
        Path2D outline = typeface.outline(text);
        outline.transform(place);
        return outline;
    }

    /** How much of each pixel the outline covers, 0 to 1. */
    private static float[] coverage(Path2D outline) {
        BufferedImage canvas = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D graphics = canvas.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(Color.WHITE);
        graphics.fill(outline);
        graphics.dispose();
        byte[] grey = ((DataBufferByte) canvas.getRaster().getDataBuffer()).getData();
        float[] coverage = new float[grey.length];
        for (int i = 0; i < grey.length; i++) {
            coverage[i] = (grey[i] & 0xFF) / 255f;
        }
        return coverage;
    }

    /** A Gaussian blur over three pixels each way. */
    private static void blur(float[] coverage, double sigma) {
        double side = Math.exp(-0.5 / (sigma * sigma));
        float centre = (float) (1 / (1 + 2 * side));
        float edge = (float) (side / (1 + 2 * side));
        float[] across = coverage.clone();
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 1; x < WIDTH - 1; x++) {
                int at = y * WIDTH + x;
                across[at] = centre * coverage[at] + edge * (coverage[at - 1] + coverage[at + 1]);
            }
        }
        System.arraycopy(across, 0, coverage, 0, coverage.length);
        for (int at = WIDTH; at < coverage.length - WIDTH; at++) {
            coverage[at] = centre * across[at] + edge * (across[at - WIDTH] + across[at + WIDTH]);
        }
    }

    @Override
    public void close() throws IOException {
        for (Typeface typeface : typefaces) {
            typeface.close();
        }
    }
}
