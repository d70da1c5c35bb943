package dev.cleave.gateway.model;

import dev.cleave.gateway.exec.Tail;
import java.util.List;

/** The tails of a bundle, loaded in one of its precisions. Owns its sessions; thread-safe as they are. */
interface LoadedTails extends Tail, AutoCloseable {
    /** {@code fp32}, {@code fp16} or {@code int8}. */
    String precision();

    /** The execution provider in use. */
    String provider();

    /** One line for each provider that was refused. */
    List<String> refusedProviders();

    /** Whether segments run one after another, so that requests of later points may join. */
    default boolean isChain() {
        return false;
    }

    /** Points that have to be run once, so that every session has run. */
    List<Integer> warmUpPoints();

    /** Frees the sessions; a second call does nothing. */
    @Override
    void close();
}
