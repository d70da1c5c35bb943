package dev.cleave.gateway.model;

import dev.cleave.bundle.Contract;
import dev.cleave.gateway.trial.RunMemory;
import java.nio.file.Path;

/** What a version of a model is loaded from: a bundle, or a plain ONNX model. Immutable. */
public sealed interface ModelSource permits BundleSource, PlainModel {
    /** What can be asked of it; of a plain model one that was made of its trial, with point 0 alone. */
    Contract contract();

    /** SHA-256, lower-case hex, by which it is told from every other; of a bundle the bundle id. */
    String id();

    /** Number in its signature; 0 where it has none. */
    long release();

    /** Of a bundle the file, of a plain model that of its graph. */
    Path file();

    /** What a run of it was seen to take; unknown if it was not watched. */
    RunMemory runMemory();

    /** Whether its weights are a secret on disk. */
    boolean isSealed();
}
