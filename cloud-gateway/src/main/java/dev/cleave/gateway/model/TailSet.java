package dev.cleave.gateway.model;

import dev.cleave.gateway.compiled.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * Tails of one bundle on each of the devices in use, made in one go and of one making: the same precision, the same execution
 * provider. Owns them; thread-safe as they are.
 */
final class TailSet implements AutoCloseable {
    private final List<LoadedTails> byDevice;
    private final List<String> remarks;
    private final List<Workspace> workspaces;

    /**
     * @param byDevice at least one
     * @param remarks what is notable about them, one line each
     * @param workspaces in which their sessions were loaded; owned
     */
    TailSet(List<LoadedTails> byDevice, List<String> remarks, List<Workspace> workspaces) {
        this.byDevice = List.copyOf(byDevice);
        this.remarks = List.copyOf(remarks);
        this.workspaces = List.copyOf(workspaces);
    }

    /** The same tails with further remarks after those there are; this one is not to be closed then. */
    TailSet with(List<String> further) {
        return new TailSet(byDevice, joined(remarks, further), workspaces);
    }

    /** The same with remarks before those there are. */
    TailSet behind(List<String> earlier) {
        return new TailSet(byDevice, joined(earlier, remarks), workspaces);
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    /** Those of every device. */
    List<LoadedTails> all() {
        return byDevice;
    }

    /** Those that a worker runs; workers are spread evenly over the devices. */
    LoadedTails of(int worker) {
        return byDevice.get(worker % byDevice.size());
    }

    boolean isChain() {
        return byDevice.get(0).isChain();
    }

    String precision() {
        return byDevice.get(0).precision();
    }

    String provider() {
        return byDevice.get(0).provider();
    }

    List<String> remarks() {
        return remarks;
    }

    /** Keeps what was compiled for them; called once every session has run. */
    void keepCompiled() {
        workspaces.forEach(Workspace::keep);
    }

    @Override
    public void close() {
        byDevice.forEach(LoadedTails::close);
        workspaces.forEach(Workspace::close);
    }
}
