package dev.cleave.sample.screen;

import static org.robolectric.Shadows.shadowOf;

import android.app.Application;
import android.content.ComponentName;
import android.content.Intent;
import android.os.Bundle;
import android.widget.TextView;
import dev.cleave.sample.ColourModel;
import dev.cleave.sample.Patience;
import dev.cleave.sample.R;
import dev.cleave.sample.agent.AgentService;
import org.junit.After;
import org.junit.Before;
import org.robolectric.Robolectric;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.android.controller.ServiceController;

/** A process of the app: its one service, which screens are bound to, and a model. */
abstract class AppTest {
    protected final Application application = RuntimeEnvironment.getApplication();
    protected ServiceController<AgentService> service;

    @Before
    public void startProcess() {
        ColourModel.get().install(application.getExternalFilesDir(null).toPath());
        service = Robolectric.buildService(AgentService.class).create();
        shadowOf(application)
                .setComponentNameAndServiceForBindService(
                        new ComponentName(application, AgentService.class),
                        service.get().onBind(new Intent()));
    }

    @After
    public void endProcess() {
        service.destroy();
    }

    /** The old process is gone with all it had; what remains are files and saved states. */
    protected void restartProcess() {
        endProcess();
        startProcess();
    }

    protected ActivityController<MainActivity> open(Bundle saved) {
        ActivityController<MainActivity> controller = Robolectric.buildActivity(MainActivity.class);
        controller.create(saved).start();
        if (saved != null) {
            controller.restoreInstanceState(saved);
        }
        controller.postCreate(saved).resume().visible();
        shadowOf(application.getMainLooper()).idle();
        return controller;
    }

    protected static String text(ActivityController<MainActivity> controller, int id) {
        return ((TextView) controller.get().findViewById(id)).getText().toString();
    }

    protected static void awaitLabel(ActivityController<MainActivity> controller, String label) {
        Patience.until(
                () -> label + " on the screen; it says " + text(controller, R.id.status),
                () -> text(controller, R.id.label).startsWith(label));
    }
}
