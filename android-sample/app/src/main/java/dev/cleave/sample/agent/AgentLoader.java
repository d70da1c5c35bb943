package dev.cleave.sample.agent;

import android.content.Context;
import android.os.Build;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.engine.EngineException;
import java.io.File;
import java.io.IOException;
import java.util.function.Supplier;

/** How this app makes its agent. Whatever an agent is to keep on this device goes below {@link Context#getFilesDir}. */
final class AgentLoader {
    private static final int LONGEST_NAME = 40;
    /** What the agent finds out about this device, which a planner reads as well. */
    private static final String DEVICE_PROFILE = "device.json";

    private AgentLoader() {}

    /**
     * Takes as long as the bundle's segments take to load: not for the main thread.
     *
     * @param network what the device is connected by, asked now and then
     * @throws IOException if there is no bundle, or none that can be read; one line
     * @throws EngineException if a segment does not load; one line
     */
    static EdgeAgent load(Context context, AgentSettings settings, AgentListener listener, Supplier<String> network)
            throws IOException, EngineException {
        EdgeAgentBuilder builder = EdgeAgent.builder()
                .bundle(BundleFile.find(context))
                .listener(listener)
                .networkClass(network)
                .deviceProfile(new File(context.getFilesDir(), DEVICE_PROFILE).toPath())
                .deviceClass(shortened(Build.MANUFACTURER) + " " + shortened(Build.MODEL));
        return settings.applyTo(builder).build();
    }

    private static String shortened(String name) {
        String known = name == null ? Build.UNKNOWN : name;
        return known.substring(0, Math.min(known.length(), LONGEST_NAME));
    }
}
