package dev.cleave.codec;

import dev.cleave.picture.PictureFormat;
import java.nio.ByteBuffer;

/** One picture as it crosses the wire. {@code data} is shared, position to limit. */
public record EncodedPicture(PictureFormat format, int width, int height, ByteBuffer data) {}
