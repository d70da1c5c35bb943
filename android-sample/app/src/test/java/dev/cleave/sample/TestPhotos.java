package dev.cleave.sample;

import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.Paint;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;

/** Pictures whose colour, and place of it, is known. */
public final class TestPhotos {
    private TestPhotos() {}

    /** Of one colour. */
    public static Bitmap plain(int colour, int width, int height) {
        Bitmap bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888);
        bitmap.eraseColor(colour);
        return bitmap;
    }

    /** Hills before a sky, mostly of one colour. */
    public static Bitmap landscape(int sky, int hill) {
        Bitmap bitmap = plain(sky, 640, 480);
        Canvas canvas = new Canvas(bitmap);
        Paint paint = new Paint(Paint.ANTI_ALIAS_FLAG);
        paint.setColor(0xFFFFF2C2);
        canvas.drawCircle(500, 110, 52, paint);
        paint.setColor(hill);
        canvas.drawOval(-200, 300, 480, 760, paint);
        canvas.drawOval(240, 360, 900, 800, paint);
        return bitmap;
    }

    public static byte[] png(Bitmap bitmap) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bitmap.compress(Bitmap.CompressFormat.PNG, 100, bytes);
        return bytes.toByteArray();
    }

    public static byte[] jpeg(Bitmap bitmap) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bitmap.compress(Bitmap.CompressFormat.JPEG, 95, bytes);
        return bytes.toByteArray();
    }

    /** A JPEG with a note in front, as cameras write it, of how they were held: a TIFF header and one entry of its directory. */
    public static byte[] held(byte[] jpeg, int orientation) {
        byte[] note = {
            (byte) 0xFF,
            (byte) 0xE1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0, // a segment of 34 bytes
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8, // big-endian, the directory is at 8
            0,
            1,
            0x01,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0, // one entry: orientation, a short
            0,
            0,
            0,
            0 // no further directory
        };
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(jpeg, 0, 2);
        bytes.write(note, 0, note.length);
        bytes.write(jpeg, 2, jpeg.length - 2);
        return bytes.toByteArray();
    }

    public static File write(File file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParentFile().toPath());
        Files.write(file.toPath(), bytes);
        return file;
    }
}
