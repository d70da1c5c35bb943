package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.gateway.trial.FormReport;
import dev.cleave.gateway.trial.RunMemory;
import java.nio.file.Path;

/**
 * A bundle to be served.
 *
 * @param runMemory from the first point that is served
 * @param form in which its tails are faster
 */
public record BundleSource(Bundle bundle, RunMemory runMemory, FormReport form) implements ModelSource {
    /** One that was not tried. */
    public BundleSource(Bundle bundle) {
        this(bundle, RunMemory.UNKNOWN, FormReport.UNASKED);
    }

    /** The same, of which it is known what a run takes. */
    public BundleSource with(RunMemory taken) {
        return new BundleSource(bundle, taken, form);
    }

    /** The same, of which the forms were compared. */
    public BundleSource with(FormReport compared) {
        return new BundleSource(bundle, runMemory, compared);
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
