package dev.cleave.engine;

/** A file format of graphs: what an engine reads, and how files of it are called. */
public enum GraphFormat {
    ONNX("onnx"),
    TFLITE("tflite");

    private final String extension;

    GraphFormat(String extension) {
        this.extension = extension;
    }

    /** The end of a file's name, without the dot; also the format's name in settings and documents. */
    public String extension() {
        return extension;
    }

    /** @throws IllegalArgumentException naming the extension, when no format has it */
    public static GraphFormat fromExtension(String extension) {
        for (GraphFormat format : values()) {
            if (format.extension.equals(extension)) {
                return format;
            }
        }
        throw new IllegalArgumentException("graph format \"" + extension + "\" is not known; expected onnx or tflite");
    }
}
