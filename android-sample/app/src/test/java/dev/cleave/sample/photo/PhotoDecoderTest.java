package dev.cleave.sample.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import android.graphics.Bitmap;
import android.graphics.Color;
import android.media.ExifInterface;
import dev.cleave.picture.Picture;
import dev.cleave.sample.SampleRunner;
import dev.cleave.sample.TestPhotos;
import java.io.File;
import java.io.IOException;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RuntimeEnvironment;

@RunWith(SampleRunner.class)
public class PhotoDecoderTest {
    private final File file = new File(RuntimeEnvironment.getApplication().getCacheDir(), "photo/test");

    /** Left half red, right half blue. */
    private static Bitmap halves() {
        Bitmap bitmap = TestPhotos.plain(Color.BLUE, 64, 32);
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                bitmap.setPixel(x, y, Color.RED);
            }
        }
        return bitmap;
    }

    @Test
    public void pixelsAreThoseOfThePhoto() throws Exception {
        TestPhotos.write(file, TestPhotos.png(halves()));
        Picture picture = PhotoDecoder.picture(PhotoDecoder.upright(file));
        assertThat(picture.width()).isEqualTo(64);
        assertThat(picture.height()).isEqualTo(32);
        assertThat(picture.rgb()).startsWith(-1, 0, 0).endsWith(0, 0, -1);
    }

    @Test
    public void photoIsTurnedAsTheCameraWasHeld() throws Exception {
        TestPhotos.write(file, TestPhotos.held(TestPhotos.jpeg(halves()), ExifInterface.ORIENTATION_ROTATE_90));
        Bitmap upright = PhotoDecoder.upright(file);
        assertThat(upright.getWidth()).isEqualTo(32);
        assertThat(upright.getHeight()).isEqualTo(64);
        assertThat(Color.red(upright.getPixel(16, 8))).isGreaterThan(200);
        assertThat(Color.blue(upright.getPixel(16, 56))).isGreaterThan(200);
    }

    @Test
    public void largePhotoIsReadInSteps() throws Exception {
        assertThat(PhotoDecoder.step(2000, 2000)).isEqualTo(1);
        assertThat(PhotoDecoder.step(4000, 3000)).isEqualTo(2);
        assertThat(PhotoDecoder.step(12_000, 9000)).isEqualTo(8);
        TestPhotos.write(file, TestPhotos.png(TestPhotos.plain(Color.GREEN, 3000, 2000)));
        assertThat(PhotoDecoder.upright(file).getWidth()).isEqualTo(1500);
    }

    @Test
    public void whatIsNoPictureIsRefusedInOneLine() throws Exception {
        TestPhotos.write(file, new byte[100]);
        assertThatThrownBy(() -> PhotoDecoder.upright(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("100 bytes are no picture");
    }
}
