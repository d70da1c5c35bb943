package dev.cleave.partition;

import dev.cleave.partition.progress.Progress;
import java.util.ArrayList;
import java.util.List;

/** Remembers the parts of a job. */
public final class PartsHeard implements Progress {
    private final List<String> parts = new ArrayList<>();

    /** In their order since the last {@link #clear}; changes as more are heard. */
    public List<String> parts() {
        return parts;
    }

    public void clear() {
        parts.clear();
    }

    @Override
    public void begin(String what, long steps) {
        parts.add(what);
    }

    @Override
    public void step() {}
}
