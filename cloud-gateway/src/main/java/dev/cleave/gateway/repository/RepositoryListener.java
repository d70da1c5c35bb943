package dev.cleave.gateway.repository;

import dev.cleave.gateway.model.ServedModel;

/** Is told what becomes of versions; without locks, on the repository's own thread. */
public interface RepositoryListener {
    /** Somebody who does not care. */
    RepositoryListener NONE = new RepositoryListener() {};

    /** Something may have changed. */
    default void changed(RepositoryStatus status) {}

    /** A version is out of memory. */
    default void unloaded(ServedModel model) {}
}
