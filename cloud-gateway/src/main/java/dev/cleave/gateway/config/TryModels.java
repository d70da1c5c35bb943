package dev.cleave.gateway.config;

/** Which models are tried in a process of their own before they are loaded. */
public enum TryModels {
    /** Plain ONNX models: of these nothing is known but what their file says. */
    PLAIN,
    /** Bundles, too, which ran on the engine when they were made, but perhaps not by somebody known. */
    ALL,
    /** None: plain models are looked into in the gateway's own process. */
    NONE;

    /** @throws IllegalArgumentException for a text that is none of the names */
    static TryModels of(String name) {
        return Words.of("tryModels", name, values());
    }
}
