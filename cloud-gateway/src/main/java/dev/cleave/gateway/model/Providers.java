package dev.cleave.gateway.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Which execution providers a model is loaded with at once, and which it may be given later. Pure.
 *
 * @param atOnce those that load quickly, in order of preference
 * @param all the same with those that build, as far as the machine has them
 * @param refused {@code name: reason} of those that build and that the machine does not have
 */
record Providers(List<String> atOnce, List<String> all, List<String> refused) {
    static final String CPU = "cpu";

    /** Those that compile a graph for minutes before they run it. */
    private static final Set<String> BUILDING = Set.of("tensorrt");

    private static final Set<String> GPUS = Set.of("cuda", "tensorrt");

    Providers {
        atOnce = List.copyOf(atOnce);
        all = List.copyOf(all);
        refused = List.copyOf(refused);
    }

    static boolean isGpu(String provider) {
        return GPUS.contains(provider);
    }

    /**
     * @param wanted in order of preference
     * @param unavailable why the machine does not have a provider, or null
     */
    static Providers of(List<String> wanted, UnaryOperator<String> unavailable) {
        List<String> atOnce = new ArrayList<>();
        List<String> all = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (String name : wanted) {
            if (name.equals(CPU)) {
                break;
            }
            if (!BUILDING.contains(name)) {
                atOnce.add(name);
                all.add(name);
                continue;
            }
            String reason = unavailable.apply(name);
            if (reason == null) {
                all.add(name);
            } else {
                refused.add(name + ": " + reason);
            }
        }
        return new Providers(atOnce, all, refused);
    }

    /** The provider that a model should be built for that now runs on another one; null if there is none it would prefer. */
    String worthBuilding(String inUse) {
        for (String name : all) {
            if (name.equals(inUse)) {
                return null;
            }
            if (BUILDING.contains(name)) {
                return name;
            }
        }
        return null;
    }
}
