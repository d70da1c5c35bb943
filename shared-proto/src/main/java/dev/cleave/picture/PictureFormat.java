package dev.cleave.picture;

/** How a picture is encoded. The ordinal is not used on the wire; {@link #wireCode()} is. */
public enum PictureFormat {
    /** Packed 8-bit RGB, row by row. */
    RGB8(0),
    JPEG(1),
    PNG(2);

    private final int wireCode;

    PictureFormat(int wireCode) {
        this.wireCode = wireCode;
    }

    public int wireCode() {
        return wireCode;
    }

    /** Null for a code that this release does not know. */
    public static PictureFormat fromWireCode(int code) {
        for (PictureFormat format : values()) {
            if (format.wireCode == code) {
                return format;
            }
        }
        return null;
    }
}
