package dev.cleave.picture;

import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The numeric part of preprocessing: {@code (u8 * scale - mean) / std}, in binary64, then rounded to the tensor's type.
 * Immutable.
 *
 * @param mean per channel of the tensor, in its order, in scaled units
 * @param std like {@code mean}; not 0
 */
record Normalization(Channels channels, Layout layout, double scale, List<Double> mean, List<Double> std) {
    Normalization {
        mean = Collections.unmodifiableList(new ArrayList<>(mean));
        std = Collections.unmodifiableList(new ArrayList<>(std));
    }

    /** What a tensor holds of a pixel. */
    enum Channels {
        RGB(3),
        BGR(3),
        /** {@code (19595 R + 38470 G + 7471 B + 32768) / 65536}: the luma of ITU-R BT.601. */
        GRAY(1);

        private final int count;

        Channels(int count) {
            this.count = count;
        }

        int count() {
            return count;
        }
    }

    /** Order of a tensor's axes. */
    enum Layout {
        NCHW,
        NHWC
    }

    Shape shapeOf(int width, int height) {
        return layout == Layout.NCHW
                ? Shape.of(1, channels.count(), height, width)
                : Shape.of(1, height, width, channels.count());
    }

    /** @throws IllegalArgumentException if the tensor is not of that picture's shape, or of no type for pictures */
    void apply(Picture picture, Tensor into) {
        Shape expected = shapeOf(picture.width(), picture.height());
        if (!into.shape().equals(expected)) {
            throw new IllegalArgumentException("picture of " + picture.width() + "x" + picture.height()
                    + " pixels into a tensor " + into + "; expected " + expected);
        }
        Sink sink = sink(into);
        int pixels = picture.width() * picture.height();
        int channelStride = layout == Layout.NCHW ? pixels : 1;
        int pixelStride = layout == Layout.NCHW ? 1 : channels.count();
        for (int channel = 0; channel < channels.count(); channel++) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                sink.put(channel * channelStride + pixel * pixelStride, channel, sample(picture.rgb(), pixel, channel));
            }
        }
    }

    private int sample(byte[] rgb, int pixel, int channel) {
        int at = pixel * 3;
        switch (channels) {
            case RGB:
                return rgb[at + channel] & 0xff;
            case BGR:
                return rgb[at + 2 - channel] & 0xff;
            default:
                return 19595 * (rgb[at] & 0xff) + 38470 * (rgb[at + 1] & 0xff) + 7471 * (rgb[at + 2] & 0xff) + 32768
                        >>> 16;
        }
    }

    private interface Sink {
        void put(int element, int channel, int sample);
    }

    private Sink sink(Tensor into) {
        ByteBuffer data = into.data();
        switch (into.type()) {
            case FLOAT32:
                float[][] floats = table();
                return (element, channel, sample) -> data.putFloat(element * 4, floats[channel][sample]);
            case FLOAT16:
                short[][] halves = halves(table());
                return (element, channel, sample) -> data.putShort(element * 2, halves[channel][sample]);
            case UINT8:
                return (element, channel, sample) -> data.put(element, (byte) sample);
            default:
                throw new IllegalArgumentException(
                        "picture into a tensor " + into + "; expected float32, float16 or uint8");
        }
    }

    private float[][] table() {
        float[][] table = new float[channels.count()][256];
        for (int channel = 0; channel < table.length; channel++) {
            for (int sample = 0; sample < 256; sample++) {
                table[channel][sample] = (float) ((sample * scale - mean.get(channel)) / std.get(channel));
            }
        }
        return table;
    }

    private static short[][] halves(float[][] floats) {
        short[][] table = new short[floats.length][256];
        for (int channel = 0; channel < table.length; channel++) {
            for (int sample = 0; sample < 256; sample++) {
                table[channel][sample] = HalfFloat.toBinary16(floats[channel][sample]);
            }
        }
        return table;
    }
}
