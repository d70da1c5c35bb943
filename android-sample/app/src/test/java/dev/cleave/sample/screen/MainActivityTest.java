package dev.cleave.sample.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.app.Activity;
import android.content.Intent;
import android.content.res.Configuration;
import android.graphics.Color;
import android.net.Uri;
import android.os.Bundle;
import android.provider.MediaStore;
import android.view.View;
import android.widget.ImageView;
import android.widget.TextView;
import dev.cleave.sample.Patience;
import dev.cleave.sample.R;
import dev.cleave.sample.SampleRunner;
import dev.cleave.sample.TestPhotos;
import dev.cleave.sample.photo.PhotoFile;
import dev.cleave.sample.photo.PhotoProvider;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowActivity.IntentForResult;

/** The screen in the life that Android gives it, with a real agent behind it. */
@RunWith(SampleRunner.class)
public class MainActivityTest extends AppTest {
    private static final Uri PICKED = Uri.parse("content://pictures/1");

    private IntentForResult click(ActivityController<MainActivity> controller, int button) {
        controller.get().findViewById(button).performClick();
        return shadowOf(controller.get()).getNextStartedActivityForResult();
    }

    private void pick(ActivityController<MainActivity> controller, int colour) {
        byte[] png = TestPhotos.png(TestPhotos.plain(colour, 40, 30));
        shadowOf(application.getContentResolver())
                .registerInputStreamSupplier(PICKED, () -> new ByteArrayInputStream(png));
        Intent intent = click(controller, R.id.pick).intent;
        shadowOf(controller.get()).receiveResult(intent, Activity.RESULT_OK, new Intent().setData(PICKED));
    }

    @Test
    public void pickedPhotoIsShownAndAnswered() {
        ActivityController<MainActivity> controller = open(null);
        assertThat(controller.get().findViewById(R.id.answer).getVisibility()).isEqualTo(View.GONE);
        pick(controller, Color.RED);
        awaitLabel(controller, "red");
        assertThat(text(controller, R.id.label)).matches("red (100|9\\d(\\.\\d)?)%");
        assertThat(text(controller, R.id.others)).contains("green").contains("blue");
        assertThat(text(controller, R.id.source)).isEqualTo("LOCAL");
        assertThat(text(controller, R.id.total)).matches("\\d+\\.\\d ms");
        assertThat(text(controller, R.id.cost)).isEqualTo("Nothing left this device");
        assertThat(text(controller, R.id.status)).startsWith("Everything");
        Patience.until("the photo is shown", () -> photo(controller).getDrawable() != null);
        assertThat(controller.get().findViewById(R.id.hint).getVisibility()).isEqualTo(View.GONE);
        controller.pause().stop().destroy();
    }

    private static ImageView photo(ActivityController<MainActivity> controller) {
        return controller.get().findViewById(R.id.photo);
    }

    @Test
    public void picksWithTheSystemsPhotoPicker() {
        ActivityController<MainActivity> controller = open(null);
        Intent intent = click(controller, R.id.pick).intent;
        assertThat(intent.getAction()).isEqualTo(MediaStore.ACTION_PICK_IMAGES);
        assertThat(intent.getType()).isEqualTo("image/*");
        controller.pause().stop().destroy();
    }

    @Test
    public void takenPhotoIsAnswered() throws Exception {
        Robolectric.setupContentProvider(PhotoProvider.class, PhotoProvider.TAKEN.getAuthority());
        ActivityController<MainActivity> controller = open(null);
        Intent intent = click(controller, R.id.take).intent;
        assertThat(intent.getAction()).isEqualTo(MediaStore.ACTION_IMAGE_CAPTURE);
        assertThat(intent.getFlags() & Intent.FLAG_GRANT_WRITE_URI_PERMISSION).isNotZero();
        Uri target = intent.getParcelableExtra(MediaStore.EXTRA_OUTPUT, Uri.class);
        try (OutputStream camera = application.getContentResolver().openOutputStream(target)) {
            camera.write(TestPhotos.png(TestPhotos.plain(Color.BLUE, 40, 30)));
        }
        shadowOf(controller.get()).receiveResult(intent, Activity.RESULT_OK, null);
        awaitLabel(controller, "blue");
        controller.pause().stop().destroy();
    }

    @Test
    public void givingUpInTheCameraChangesNothing() {
        ActivityController<MainActivity> controller = open(null);
        pick(controller, Color.RED);
        awaitLabel(controller, "red");
        Intent intent = click(controller, R.id.take).intent;
        shadowOf(controller.get()).receiveResult(intent, Activity.RESULT_CANCELED, null);
        shadowOf(application.getMainLooper()).idle();
        assertThat(text(controller, R.id.label)).startsWith("red");
        controller.pause().stop().destroy();
    }

    @Test
    @Config(qualifiers = "w411dp-h891dp-port")
    public void turningKeepsTheAnswerAndTheAgent() {
        ActivityController<MainActivity> controller = open(null);
        pick(controller, Color.GREEN);
        awaitLabel(controller, "green");
        MainActivity before = controller.get();
        String total = text(controller, R.id.total);
        controller.configurationChange(turned(before));
        assertThat(controller.get()).isNotSameAs(before);
        assertThat(before.isDestroyed()).isTrue();
        assertThat(text(controller, R.id.label)).startsWith("green");
        assertThat(text(controller, R.id.total)).isEqualTo(total);
        shadowOf(application.getMainLooper()).idle();
        assertThat(shadowOf(application).getBoundServiceConnections()).hasSize(1);
        pick(controller, Color.RED);
        awaitLabel(controller, "red");
        assertThat(((TextView) before.findViewById(R.id.label)).getText().toString())
                .as("a screen that is gone is told nothing")
                .startsWith("green");
        controller.pause().stop().destroy();
        shadowOf(application.getMainLooper()).idle();
        assertThat(shadowOf(application).getBoundServiceConnections()).isEmpty();
    }

    private static Configuration turned(Activity activity) {
        Configuration turned = new Configuration(activity.getResources().getConfiguration());
        turned.orientation = Configuration.ORIENTATION_LANDSCAPE;
        int width = turned.screenWidthDp;
        turned.screenWidthDp = turned.screenHeightDp;
        turned.screenHeightDp = width;
        return turned;
    }

    @Test
    @Config(qualifiers = "w411dp-h891dp-port")
    public void answerThatComesWhileTheScreenIsTurnedIsNotLost() {
        ActivityController<MainActivity> controller = open(null);
        pick(controller, Color.BLUE);
        controller.configurationChange(turned(controller.get()));
        awaitLabel(controller, "blue");
        controller.pause().stop().destroy();
    }

    @Test
    public void answerOutlivesTheProcess() {
        ActivityController<MainActivity> controller = open(null);
        pick(controller, Color.GREEN);
        awaitLabel(controller, "green");
        String total = text(controller, R.id.total);
        Bundle saved = new Bundle();
        controller.pause().stop().saveInstanceState(saved).destroy();
        restartProcess();
        ActivityController<MainActivity> next = open(saved);
        assertThat(text(next, R.id.label)).startsWith("green");
        assertThat(text(next, R.id.total)).isEqualTo(total);
        Patience.until("the photo is shown", () -> photo(next).getDrawable() != null);
        Patience.until("the model is loaded", () -> text(next, R.id.status).startsWith("Everything"));
        assertThat(text(next, R.id.total)).as("not asked again").isEqualTo(total);
        next.pause().stop().destroy();
    }

    @Test
    public void photoWithoutAnAnswerIsAskedAboutByTheNextProcess() throws Exception {
        TestPhotos.write(PhotoFile.current(application), TestPhotos.png(TestPhotos.plain(Color.BLUE, 40, 30)));
        Bundle saved = new Bundle();
        saved.putBoolean("photo", true);
        ActivityController<MainActivity> controller = open(saved);
        awaitLabel(controller, "blue");
        controller.pause().stop().destroy();
    }

    @Test
    public void photoThatCannotBeReadIsToldInOneLine() {
        ActivityController<MainActivity> controller = open(null);
        Intent intent = click(controller, R.id.pick).intent;
        shadowOf(application.getContentResolver())
                .registerInputStream(PICKED, new ByteArrayInputStream(new byte[] {1, 2, 3}));
        shadowOf(controller.get()).receiveResult(intent, Activity.RESULT_OK, new Intent().setData(PICKED));
        Patience.until("told", () -> text(controller, R.id.status).contains("are no picture"));
        controller.pause().stop().destroy();
    }

    @Test
    public void settingsAreOneTouchAway() {
        ActivityController<MainActivity> controller = open(null);
        controller.get().findViewById(R.id.settings).performClick();
        assertThat(shadowOf(controller.get())
                        .getNextStartedActivity()
                        .getComponent()
                        .getClassName())
                .isEqualTo(SettingsActivity.class.getName());
        controller.pause().stop().destroy();
    }
}
