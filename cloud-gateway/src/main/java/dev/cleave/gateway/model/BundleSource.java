package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import java.nio.file.Path;

/** A bundle to be served. */
public record BundleSource(Bundle bundle) implements ModelSource {
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
