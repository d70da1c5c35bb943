package dev.cleave.codec;

/** Encoded bytes do not decode. The only exception that malformed bytes cause; its message says what was expected. */
public final class CodecException extends Exception {
    private static final long serialVersionUID = 1L;

    public CodecException(String message) {
        super(message);
    }
}
