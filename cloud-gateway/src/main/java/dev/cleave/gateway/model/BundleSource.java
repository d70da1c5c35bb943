package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.gateway.trial.RunMemory;
import java.nio.file.Path;

/**
 * A bundle to be served.
 *
 * @param runMemory from the first point that is served
 */
public record BundleSource(Bundle bundle, RunMemory runMemory) implements ModelSource {
    /** One that was not tried. */
    public BundleSource(Bundle bundle) {
        this(bundle, RunMemory.UNKNOWN);
    }

    @Override
    public Contract contract() {
        return bundle.contract();
    }

    @Override
    public String id() {
        return bundle.id();
    }

    @Override
    public long release() {
        return bundle.signature() == null ? 0 : bundle.signature().release();
    }

    @Override
    public Path file() {
        return bundle.file();
    }

    @Override
    public boolean isSealed() {
        return bundle.isSealed();
    }
}
