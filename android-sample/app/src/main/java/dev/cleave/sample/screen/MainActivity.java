package dev.cleave.sample.screen;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.ClipData;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.ServiceConnection;
import android.graphics.Bitmap;
import android.net.Uri;
import android.os.Build;
import android.os.Bundle;
import android.os.IBinder;
import android.provider.MediaStore;
import android.view.View;
import android.widget.ImageView;
import android.widget.LinearLayout;
import android.widget.TextView;
import dev.cleave.sample.R;
import dev.cleave.sample.agent.AgentService;
import dev.cleave.sample.agent.AgentState;
import dev.cleave.sample.agent.Answer;
import dev.cleave.sample.photo.PhotoFile;
import dev.cleave.sample.photo.PhotoProvider;
import java.io.File;
import java.io.IOException;

/**
 * The screen: pick or take a photo, see what is in it. Shows {@link AgentState} and owns nothing but its views; what outlives it is the
 * service's, and across the end of the process the photo's file and the saved state.
 */
public final class MainActivity extends Activity implements AgentService.Observer {
    private static final int PICK = 1;
    private static final int TAKE = 2;
    private static final String SAVED_ANSWER = "answer";
    private static final String SAVED_PHOTO = "photo";
    private static final String SAVED_ARRIVING = "arriving";
    /** From here on two buttons with text do not fit beside each other. */
    private static final float LARGE_FONT = 1.3f;

    private final ServiceConnection connection = new ServiceConnection() {
        @Override
        public void onServiceConnected(ComponentName name, IBinder binder) {
            service = ((AgentService.Binding) binder).service();
            service.observe(MainActivity.this);
            askIfNew();
        }

        @Override
        public void onServiceDisconnected(ComponentName name) {
            service = null;
        }
    };

    private final PhotoTasks tasks = new PhotoTasks();
    private AgentService service;
    private AnswerCard card;
    private TextView status;
    private View progress;
    private ImageView photo;
    private View hint;

    /** What is on the screen; saved with it. */
    private Answer answer;

    private boolean photoShown;
    /** Address of a photo that is being copied; a screen that takes this one's place begins with that. Null if there is none. */
    private Uri arriving;
    /** A photo that the service has not been asked about yet, as it is not bound. */
    private boolean photoIsNew;
    /** A photo of an earlier screen that had no answer; the service may know more, unless the process has ended meanwhile. */
    private boolean photoIsUnanswered;

    @Override
    protected void onCreate(Bundle saved) {
        super.onCreate(saved);
        setContentView(R.layout.activity_main);
        card = new AnswerCard(this);
        status = findViewById(R.id.status);
        progress = findViewById(R.id.progress);
        photo = findViewById(R.id.photo);
        hint = findViewById(R.id.hint);
        photo.setClipToOutline(true);
        findViewById(R.id.pick).setOnClickListener(view -> pick());
        findViewById(R.id.take).setOnClickListener(view -> take());
        findViewById(R.id.settings).setOnClickListener(view -> startActivity(new Intent(this, SettingsActivity.class)));
        if (getResources().getConfiguration().fontScale > LARGE_FONT) {
            stackButtons();
        }
        if (saved != null) {
            answer = Answer.read(saved.getBundle(SAVED_ANSWER));
            photoShown = saved.getBoolean(SAVED_PHOTO);
            photoIsUnanswered = photoShown && answer == null;
            if (photoShown) {
                showPhoto();
            }
            if (saved.getString(SAVED_ARRIVING) != null) {
                arrive(Uri.parse(saved.getString(SAVED_ARRIVING)));
            }
        }
        card.show(answer);
    }

    private void stackButtons() {
        LinearLayout buttons = findViewById(R.id.buttons);
        buttons.setOrientation(LinearLayout.VERTICAL);
        for (int i = 0; i < buttons.getChildCount(); i++) {
            LinearLayout.LayoutParams place =
                    (LinearLayout.LayoutParams) buttons.getChildAt(i).getLayoutParams();
            place.width = LinearLayout.LayoutParams.MATCH_PARENT;
            place.height = LinearLayout.LayoutParams.WRAP_CONTENT;
            place.setMarginStart(0);
            place.topMargin = i == 0 ? 0 : getResources().getDimensionPixelSize(R.dimen.space);
        }
    }

    @Override
    protected void onStart() {
        super.onStart();
        Intent agent = new Intent(this, AgentService.class);
        try {
            startService(agent);
        } catch (IllegalStateException inBackground) {
            // A screen that is covered at once: bound it lives as long as this screen, which will do.
        }
        bindService(agent, connection, Context.BIND_AUTO_CREATE);
    }

    @Override
    protected void onStop() {
        if (service != null) {
            service.forget(this);
            service = null;
        }
        unbindService(connection);
        super.onStop();
    }

    @Override
    protected void onDestroy() {
        tasks.close();
        super.onDestroy();
    }

    @Override
    protected void onSaveInstanceState(Bundle saved) {
        super.onSaveInstanceState(saved);
        saved.putBundle(SAVED_ANSWER, answer == null ? null : answer.write());
        saved.putBoolean(SAVED_PHOTO, photoShown);
        saved.putString(SAVED_ARRIVING, arriving == null ? null : arriving.toString());
    }

    private void pick() {
        Intent pick = Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU
                ? new Intent(MediaStore.ACTION_PICK_IMAGES)
                : new Intent(Intent.ACTION_GET_CONTENT).addCategory(Intent.CATEGORY_OPENABLE);
        start(pick.setType("image/*"), PICK, R.string.no_picker);
    }

    private void take() {
        PhotoFile.expectTaken(this);
        Intent take = new Intent(MediaStore.ACTION_IMAGE_CAPTURE)
                .putExtra(MediaStore.EXTRA_OUTPUT, PhotoProvider.TAKEN)
                .addFlags(Intent.FLAG_GRANT_WRITE_URI_PERMISSION | Intent.FLAG_GRANT_READ_URI_PERMISSION);
        take.setClipData(ClipData.newRawUri(null, PhotoProvider.TAKEN));
        start(take, TAKE, R.string.no_camera);
    }

    private void start(Intent intent, int request, int ifNone) {
        try {
            startActivityForResult(intent, request);
        } catch (ActivityNotFoundException none) {
            showStatus(getString(ifNone), true);
        }
    }

    @Override
    protected void onActivityResult(int request, int result, Intent data) {
        super.onActivityResult(request, result, data);
        if (result != RESULT_OK) {
            return;
        }
        if (request == TAKE) {
            arrive(PhotoProvider.TAKEN);
        } else if (request == PICK && data != null && data.getData() != null) {
            arrive(data.getData());
        }
    }

    private void arrive(Uri photo) {
        arriving = photo;
        Context application = getApplicationContext();
        PhotoTasks.Task copying = PhotoProvider.TAKEN.equals(photo)
                ? () -> PhotoFile.adoptTaken(application)
                : () -> PhotoFile.copy(application, photo);
        tasks.run(copying, this::photoArrived, this::photoFailed);
    }

    private void photoArrived() {
        arriving = null;
        answer = null;
        photoIsNew = true;
        card.show(null);
        showPhoto();
        askIfNew();
    }

    private void photoFailed(IOException failure) {
        arriving = null;
        showStatus(failure.getMessage(), true);
    }

    private void askIfNew() {
        if (service == null) {
            return;
        }
        if (photoIsNew || photoIsUnanswered && service.state().knowsNothing()) {
            service.ask(PhotoFile.current(this));
        }
        photoIsNew = false;
        photoIsUnanswered = false;
    }

    private void showPhoto() {
        File file = PhotoFile.current(this);
        tasks.load(file, this::showPhoto, this::photoFailed);
    }

    private void showPhoto(Bitmap bitmap) {
        photoShown = true;
        photo.setImageBitmap(bitmap);
        photo.setContentDescription(getString(R.string.photo_described));
        hint.setVisibility(View.GONE);
    }

    @Override
    public void changed(AgentState state) {
        boolean busy = state.phase() == AgentState.Phase.LOADING || state.phase() == AgentState.Phase.RUNNING;
        progress.setVisibility(busy ? View.VISIBLE : View.INVISIBLE);
        if (state.failure() != null) {
            showStatus(state.failure(), true);
        } else {
            showStatus(getString(status(state)), false);
        }
        if (state.answer() != null || state.phase() == AgentState.Phase.RUNNING) {
            answer = state.answer();
            card.show(answer);
        }
    }

    private static int status(AgentState state) {
        return switch (state.phase()) {
            case LOADING -> R.string.status_loading;
            case RUNNING -> R.string.status_running;
            default ->
                switch (state.link()) {
                    case UP -> R.string.status_linked;
                    case DOWN -> R.string.status_not_linked;
                    case NONE -> R.string.status_alone;
                };
        };
    }

    private void showStatus(String text, boolean isFailure) {
        if (!text.contentEquals(status.getText())) {
            status.setText(text);
        }
        status.setTextColor(getColor(isFailure ? R.color.failure : R.color.text_secondary));
    }
}
