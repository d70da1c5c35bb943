package dev.cleave.cli.demo.lines;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.GlyphData;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;

/**
 * A TrueType font as outlines, read in pure Java: a JDK without fontconfig or FreeType has no fonts that AWT could use.
 * Holds the parsed file until closed. Not thread-safe.
 */
final class Typeface implements AutoCloseable {
    private final TrueTypeFont font;
    private final CmapLookup glyphs;
    private final int unitsPerEm;

    private Typeface(TrueTypeFont font) throws IOException {
        this.font = font;
        this.glyphs = font.getUnicodeCmapLookup();
        this.unitsPerEm = font.getUnitsPerEm();
    }

    /**
     * Reads a font from the class path.
     *
     * @param resource absolute name of a {@code .ttf}
     */
    static Typeface load(String resource) throws IOException {
        try (InputStream in = Typeface.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new FileNotFoundException("font " + resource + " is not on the class path");
            }
            return new Typeface(new TTFParser().parse(new RandomAccessReadBuffer(in.readAllBytes())));
        }
    }

    /** Width of a text in ems. */
    double width(String text) throws IOException {
        double units = 0;
        for (int i = 0; i < text.length(); i++) {
            units += font.getAdvanceWidth(glyphs.getGlyphId(text.charAt(i)));
        }
        return units / unitsPerEm;
    }

    /** The outline of a text in ems: it starts at the origin, the baseline is y = 0, and y grows downwards. */
    Path2D outline(String text) throws IOException {
        Path2D.Double outline = new Path2D.Double(Path2D.WIND_NON_ZERO);
        double scale = 1.0 / unitsPerEm;
        double pen = 0;
        for (int i = 0; i < text.length(); i++) {
            int glyph = glyphs.getGlyphId(text.charAt(i));
            GlyphData shape = font.getGlyph().getGlyph(glyph);
            if (shape != null) {
                AffineTransform place = AffineTransform.getTranslateInstance(pen, 0);
                place.scale(scale, -scale);
                outline.append(shape.getPath().getPathIterator(place), false);
            }
            pen += font.getAdvanceWidth(glyph) * scale;
        }
        return outline;
    }

    @Override
    public void close() throws IOException {
        font.close();
    }
}
