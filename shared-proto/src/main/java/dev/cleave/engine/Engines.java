package dev.cleave.engine;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceLoader;

/** Finds engines on the class path. */
public final class Engines {
    private Engines() {}

    /**
     * Creates the best available engine.
     *
     * @param name the engine's name, or null for the available one of highest priority
     * @throws EngineException naming every engine that was found and why it was not taken
     */
    public static Engine create(String name) throws EngineException {
        EngineProvider best = null;
        List<String> refused = new ArrayList<>();
        for (EngineProvider provider : providers()) {
            String reason = name != null && !name.equals(provider.name())
                    ? "not the one asked for"
                    : provider.unavailableReason();
            if (reason != null) {
                refused.add(provider.name() + " (" + reason + ")");
            } else if (best == null || provider.priority() > best.priority()) {
                best = provider;
            }
        }
        if (best == null) {
            throw new EngineException("no engine" + (name == null ? "" : " \"" + name + "\"")
                    + " on the class path; found " + (refused.isEmpty() ? "none" : String.join(", ", refused)));
        }
        return best.create();
    }

    // The exact form that R8 recognises and replaces by direct instantiation.
    private static List<EngineProvider> providers() {
        Iterator<EngineProvider> found = ServiceLoader.load(EngineProvider.class, EngineProvider.class.getClassLoader())
                .iterator();
        List<EngineProvider> providers = new ArrayList<>();
        while (found.hasNext()) {
            providers.add(found.next());
        }
        return providers;
    }
}
