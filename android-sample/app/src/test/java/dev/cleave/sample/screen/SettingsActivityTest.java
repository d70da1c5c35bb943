package dev.cleave.sample.screen;

import static org.assertj.core.api.Assertions.assertThat;

import android.content.SharedPreferences;
import android.widget.CompoundButton;
import android.widget.EditText;
import dev.cleave.edge.Split;
import dev.cleave.edge.policy.Objective;
import dev.cleave.sample.R;
import dev.cleave.sample.SampleRunner;
import dev.cleave.sample.agent.AgentSettings;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ActivityController;

@RunWith(SampleRunner.class)
public class SettingsActivityTest {
    private final SharedPreferences preferences = AgentSettings.preferences(RuntimeEnvironment.getApplication());
    private final ActivityController<SettingsActivity> controller = Robolectric.buildActivity(SettingsActivity.class);

    private SettingsActivity open() {
        return controller.setup().get();
    }

    private static void type(SettingsActivity screen, int id, String text) {
        ((EditText) screen.findViewById(id)).setText(text);
    }

    @Test
    public void savesWhatIsChosen() {
        SettingsActivity screen = open();
        type(screen, R.id.gateway, " gateway.example:8500 ");
        type(screen, R.id.deadline, "750");
        ((CompoundButton) screen.findViewById(R.id.tls)).setChecked(true);
        screen.findViewById(R.id.split_cloud).performClick();
        screen.findViewById(R.id.objective_bytes).performClick();
        screen.findViewById(R.id.save).performClick();
        assertThat(screen.isFinishing()).isTrue();
        assertThat(AgentSettings.read(preferences))
                .isEqualTo(new AgentSettings("gateway.example:8500", true, 750, Split.cloud(), Objective.BYTES));
    }

    @Test
    public void showsWhatWasSaved() {
        new AgentSettings("[::1]:8500", true, 99, Split.local(), Objective.GATEWAY).write(preferences);
        SettingsActivity screen = open();
        screen.findViewById(R.id.save).performClick();
        assertThat(AgentSettings.read(preferences))
                .isEqualTo(new AgentSettings("[::1]:8500", true, 99, Split.local(), Objective.GATEWAY));
    }

    @Test
    public void wrongSettingsAreNamedAndNotSaved() {
        SettingsActivity screen = open();
        type(screen, R.id.gateway, "gateway");
        type(screen, R.id.deadline, "0");
        screen.findViewById(R.id.save).performClick();
        assertThat(screen.isFinishing()).isFalse();
        assertThat(((EditText) screen.findViewById(R.id.gateway)).getError().toString())
                .isEqualTo("Expected host:port, or nothing");
        assertThat(((EditText) screen.findViewById(R.id.deadline)).getError().toString())
                .startsWith("Expected 1 to");
        assertThat(AgentSettings.read(preferences)).isEqualTo(AgentSettings.DEFAULT);
    }

    @Test
    public void whatIsTypedOutlivesATurnOfTheScreen() {
        SettingsActivity screen = open();
        type(screen, R.id.gateway, "half typ");
        controller.recreate();
        assertThat(((EditText) controller.get().findViewById(R.id.gateway))
                        .getText()
                        .toString())
                .isEqualTo("half typ");
        assertThat(controller.get()).isNotSameAs(screen);
    }
}
