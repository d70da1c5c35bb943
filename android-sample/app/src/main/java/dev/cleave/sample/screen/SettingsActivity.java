package dev.cleave.sample.screen;

import android.app.Activity;
import android.os.Bundle;
import android.widget.EditText;
import android.widget.RadioGroup;
import android.widget.Switch;
import dev.cleave.edge.Split;
import dev.cleave.edge.policy.Objective;
import dev.cleave.sample.R;
import dev.cleave.sample.agent.AgentSettings;

/** The settings of the agent: gateway, deadline, where to cut. Saved together, when they are right; the service notices. */
public final class SettingsActivity extends Activity {
    private EditText gateway;
    private Switch tls;
    private EditText deadline;
    private RadioGroup split;
    private RadioGroup objective;

    @Override
    protected void onCreate(Bundle saved) {
        super.onCreate(saved);
        setContentView(R.layout.activity_settings);
        gateway = findViewById(R.id.gateway);
        tls = findViewById(R.id.tls);
        deadline = findViewById(R.id.deadline);
        split = findViewById(R.id.split);
        objective = findViewById(R.id.objective);
        findViewById(R.id.back).setOnClickListener(view -> finish());
        findViewById(R.id.save).setOnClickListener(view -> save());
        if (saved == null) {
            show(AgentSettings.read(AgentSettings.preferences(this)));
        }
    }

    private void show(AgentSettings settings) {
        gateway.setText(settings.gateway());
        tls.setChecked(settings.tls());
        deadline.setText(String.valueOf(settings.deadlineMillis()));
        split.check(
                switch (settings.split().toString()) {
                    case "local" -> R.id.split_local;
                    case "cloud" -> R.id.split_cloud;
                    default -> R.id.split_auto;
                });
        objective.check(
                switch (settings.objective()) {
                    case LATENCY -> R.id.objective_latency;
                    case BYTES -> R.id.objective_bytes;
                    case GATEWAY -> R.id.objective_gateway;
                });
    }

    private void save() {
        String address = gateway.getText().toString().trim();
        String millis = deadline.getText().toString().trim();
        gateway.setError(AgentSettings.isGateway(address) ? null : getString(R.string.gateway_wrong));
        deadline.setError(AgentSettings.isDeadline(millis) ? null : getString(R.string.deadline_wrong));
        if (gateway.getError() != null || deadline.getError() != null) {
            (gateway.getError() != null ? gateway : deadline).requestFocus();
            return;
        }
        new AgentSettings(address, tls.isChecked(), Long.parseLong(millis), chosenSplit(), chosenObjective())
                .write(AgentSettings.preferences(this));
        finish();
    }

    private Split chosenSplit() {
        int chosen = split.getCheckedRadioButtonId();
        if (chosen == R.id.split_local) {
            return Split.local();
        }
        return chosen == R.id.split_cloud ? Split.cloud() : Split.auto();
    }

    private Objective chosenObjective() {
        int chosen = objective.getCheckedRadioButtonId();
        if (chosen == R.id.objective_bytes) {
            return Objective.BYTES;
        }
        return chosen == R.id.objective_gateway ? Objective.GATEWAY : Objective.LATENCY;
    }
}
