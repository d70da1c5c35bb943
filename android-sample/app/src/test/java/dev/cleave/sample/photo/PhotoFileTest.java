package dev.cleave.sample.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.robolectric.Shadows.shadowOf;

import android.content.ContentResolver;
import android.content.Context;
import android.database.Cursor;
import android.net.Uri;
import android.provider.OpenableColumns;
import dev.cleave.sample.SampleRunner;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RuntimeEnvironment;

@RunWith(SampleRunner.class)
public class PhotoFileTest {
    private static final Uri PICKED = Uri.parse("content://pictures/1");

    private final Context context = RuntimeEnvironment.getApplication();
    private final ContentResolver resolver = context.getContentResolver();

    @Before
    public void provide() {
        Robolectric.setupContentProvider(PhotoProvider.class, PhotoProvider.TAKEN.getAuthority());
    }

    /** Gives nothing but zeros, and does not end. */
    private static final class Endless extends InputStream {
        @Override
        public int read() {
            return 0;
        }

        @Override
        public int read(byte[] bytes, int from, int count) {
            return count;
        }
    }

    @Test
    public void keepsACopyOfWhatWasPicked() throws Exception {
        shadowOf(resolver).registerInputStream(PICKED, new ByteArrayInputStream(new byte[] {1, 2, 3}));
        PhotoFile.copy(context, PICKED);
        assertThat(PhotoFile.current(context)).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    public void endlessPhotoIsGivenUpAndTheFormerKept() throws Exception {
        shadowOf(resolver).registerInputStream(PICKED, new ByteArrayInputStream(new byte[] {1}));
        PhotoFile.copy(context, PICKED);
        shadowOf(resolver).registerInputStream(PICKED, new Endless());
        assertThatThrownBy(() -> PhotoFile.copy(context, PICKED))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than 67108864 bytes");
        assertThat(PhotoFile.current(context)).hasBinaryContent(new byte[] {1});
    }

    @Test
    public void takesWhatTheCameraWrites() throws Exception {
        try (OutputStream camera = resolver.openOutputStream(PhotoProvider.TAKEN)) {
            camera.write(new byte[] {4, 5});
        }
        try (Cursor cursor = resolver.query(PhotoProvider.TAKEN, null, null, null, null)) {
            assertThat(cursor.moveToFirst()).isTrue();
            assertThat(cursor.getLong(cursor.getColumnIndexOrThrow(OpenableColumns.SIZE)))
                    .isEqualTo(2);
        }
        PhotoFile.adoptTaken(context);
        assertThat(PhotoFile.current(context)).hasBinaryContent(new byte[] {4, 5});
        PhotoFile.adoptTaken(context);
        PhotoFile.expectTaken(context);
        assertThatThrownBy(() -> PhotoFile.adoptTaken(context)).hasMessage("the camera left no photo");
    }

    @Test
    public void noOtherFileIsGivenAway() {
        Uri other = Uri.parse("content://dev.cleave.sample.photo/../files/secret");
        assertThatThrownBy(() -> resolver.openInputStream(other)).isInstanceOf(FileNotFoundException.class);
    }
}
