package dev.cleave.engine;

import java.util.ArrayList;
import java.util.Comparator;
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
        List<String> refused = new ArrayList<>();
        for (EngineProvider provider : byPriority()) {
            String reason = name != null && !name.equals(provider.name())
                    ? "not the one asked for"
                    : provider.unavailableReason();
            if (reason == null) {
                return provider.create();
            }
            refused.add(provider.name() + " (" + reason + ")");
        }
        throw new EngineException("no engine" + (name == null ? "" : " \"" + name + "\"") + " on the class path; found "
                + (refused.isEmpty() ? "none" : String.join(", ", refused)));
    }

    /** Names of the engines on the class path, best first, whether they can run here or not: none is asked. */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        for (EngineProvider provider : byPriority()) {
            names.add(provider.name());
        }
        return names;
    }

    // To ask whether an engine is available loads its native library: none is asked that would not be taken.
    private static List<EngineProvider> byPriority() {
        List<EngineProvider> providers = providers();
        providers.sort(Comparator.comparingInt(EngineProvider::priority).reversed());
        return providers;
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
