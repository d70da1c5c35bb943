package dev.cleave.picture;

/**
 * How a resize computes a pixel. All three use half-pixel centres: output pixel i lies at {@code (i + 0.5) * in / out}
 * of the input.
 */
enum Interpolation {
    /** A triangle filter, widened by the factor when shrinking, so that every input pixel counts (antialias). */
    BILINEAR("bilinear"),
    /** The two neighbours along each axis, whatever the factor. */
    BILINEAR_PLAIN("bilinear-plain"),
    /** The pixel in which the centre lies. */
    NEAREST("nearest");

    private final String jsonName;

    Interpolation(String jsonName) {
        this.jsonName = jsonName;
    }

    String jsonName() {
        return jsonName;
    }
}
