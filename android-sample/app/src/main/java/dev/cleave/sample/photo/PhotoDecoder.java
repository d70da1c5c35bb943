package dev.cleave.sample.photo;

import android.graphics.Bitmap;
import android.graphics.BitmapFactory;
import android.graphics.Matrix;
import android.media.ExifInterface;
import dev.cleave.picture.Picture;
import java.io.File;
import java.io.IOException;

/** Reads photos: as the eye sees them, bounded in memory, and as an agent takes them. */
public final class PhotoDecoder {
    /** A larger photo is read at a half, a quarter ... of its sides: still far more than a network looks at. */
    private static final long MOST_PIXELS = 4_000_000;

    private PhotoDecoder() {}

    /**
     * A photo, turned as the camera was held.
     *
     * @throws IOException if the file is no picture; one line
     */
    public static Bitmap upright(File photo) throws IOException {
        BitmapFactory.Options options = new BitmapFactory.Options();
        options.inJustDecodeBounds = true;
        BitmapFactory.decodeFile(photo.getPath(), options);
        if (options.outWidth < 1 || options.outHeight < 1) {
            throw new IOException(
                    photo.length() + " bytes are no picture; expected JPEG, PNG or what else the device reads");
        }
        options.inSampleSize = step(options.outWidth, options.outHeight);
        options.inJustDecodeBounds = false;
        Bitmap bitmap = BitmapFactory.decodeFile(photo.getPath(), options);
        if (bitmap == null) {
            throw new IOException("a picture of " + options.outWidth + "x" + options.outHeight + " pixels is damaged");
        }
        Matrix turn = turn(photo);
        return turn.isIdentity()
                ? bitmap
                : Bitmap.createBitmap(bitmap, 0, 0, bitmap.getWidth(), bitmap.getHeight(), turn, true);
    }

    /** Every how many pixels one is read: a power of two, so that {@link #MOST_PIXELS} are not exceeded. */
    static int step(int width, int height) {
        int step = 1;
        while ((long) (width / step) * (height / step) > MOST_PIXELS) {
            step *= 2;
        }
        return step;
    }

    private static Matrix turn(File photo) throws IOException {
        Matrix matrix = new Matrix();
        switch (new ExifInterface(photo.getPath())
                .getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)) {
            case ExifInterface.ORIENTATION_FLIP_HORIZONTAL -> matrix.setScale(-1, 1);
            case ExifInterface.ORIENTATION_ROTATE_180 -> matrix.setRotate(180);
            case ExifInterface.ORIENTATION_FLIP_VERTICAL -> matrix.setScale(1, -1);
            case ExifInterface.ORIENTATION_TRANSPOSE -> {
                matrix.setRotate(90);
                matrix.postScale(-1, 1);
            }
            case ExifInterface.ORIENTATION_ROTATE_90 -> matrix.setRotate(90);
            case ExifInterface.ORIENTATION_TRANSVERSE -> {
                matrix.setRotate(-90);
                matrix.postScale(-1, 1);
            }
            case ExifInterface.ORIENTATION_ROTATE_270 -> matrix.setRotate(-90);
            default -> matrix.reset();
        }
        return matrix;
    }

    /** The same pixels without transparency, three bytes each. */
    public static Picture picture(Bitmap bitmap) {
        int width = bitmap.getWidth();
        int height = bitmap.getHeight();
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        int[] row = new int[width];
        int at = 0;
        for (int y = 0; y < height; y++) {
            bitmap.getPixels(row, 0, width, 0, y, width, 1);
            for (int pixel : row) {
                rgb[at++] = (byte) (pixel >> 16);
                rgb[at++] = (byte) (pixel >> 8);
                rgb[at++] = (byte) pixel;
            }
        }
        return new Picture(width, height, rgb);
    }
}
