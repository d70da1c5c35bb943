package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.device.DeviceFile;
import dev.cleave.edge.device.DeviceRecord;
import dev.cleave.edge.device.DeviceRecord.Subject;
import dev.cleave.edge.device.FirstEngine;
import dev.cleave.edge.device.HeadMeasuring;
import dev.cleave.edge.events.EngineUse;
import dev.cleave.edge.head.EngineSource;
import dev.cleave.edge.head.HeadEngines;
import dev.cleave.edge.head.HeadRunner;
import dev.cleave.edge.head.LoadedHead;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphFormat;
import java.io.IOException;

/** Loads the head of one version of the model with the engine that it is to begin with, and prepares what may find a faster one. */
final class HeadAssembly {
    private final EdgeAgentBuilder settings;
    private final AgentSurroundings surroundings;
    private final EngineSource source;
    private final DeviceFile file;
    private final String toolVersion;

    HeadAssembly(EdgeAgentBuilder settings, AgentSurroundings surroundings, String toolVersion) {
        this.settings = settings;
        this.surroundings = surroundings;
        this.source = settings.engine != null ? EngineSource.only(settings.engine) : settings.engineSource;
        this.file = settings.deviceProfile == null ? null : new DeviceFile(settings.deviceProfile);
        this.toolVersion = toolVersion;
    }

    /**
     * Loads every segment that the bundle holds and some engine reads.
     *
     * @throws IllegalArgumentException if the engine that is asked for is not on the class path
     */
    ChosenHead load(Bundle bundle) throws IOException, EngineException {
        if (settings.engineName != null && !source.names().contains(settings.engineName)) {
            throw new IllegalArgumentException("engine \"" + settings.engineName
                    + "\" is not on the class path; expected one of " + source.names());
        }
        HeadEngines engines =
                new HeadEngines(bundle, source, settings.sessionOptions, surroundings.scheduler()::nanoTime);
        boolean complete = false;
        try {
            Subject subject = Subject.of(
                    bundle.id(),
                    surroundings.machine(),
                    settings.sessionOptions.threads(),
                    settings.sessionOptions.providers());
            FirstEngine first = first(bundle, subject, engines);
            LoadedHead head = engines.load(first.name());
            HeadRunner runner =
                    new HeadRunner(engines, head, bundle.contract().local(), surroundings.scheduler()::nanoTime);
            complete = true;
            return chosen(bundle, subject, first, engines, runner);
        } finally {
            if (!complete) {
                engines.close();
            }
        }
    }

    private FirstEngine first(Bundle bundle, Subject subject, HeadEngines engines) {
        DeviceRecord found = file == null ? null : file.read();
        FirstEngine first = FirstEngine.of(settings.engineName, found, subject, surroundings.engineInUse(), engines);
        return settings.engineName != null || isOpen(bundle)
                ? first
                : new FirstEngine(null, whyNoOther(), first.remembered());
    }

    /** Whether there is anything to choose from, as far as can be said without asking for an engine. */
    private boolean isOpen(Bundle bundle) {
        return settings.engineName == null && source.names().size() > 1 && forms(bundle) > 1;
    }

    private static int forms(Bundle bundle) {
        int forms = 0;
        for (GraphFormat format : GraphFormat.values()) {
            forms += bundle.hasGraph(bundle.contract().edgePrecision(), "segment-0", format) ? 1 : 0;
        }
        return forms;
    }

    private String whyNoOther() {
        if (settings.engine != null) {
            return "it was given";
        }
        return source.names().size() == 1 ? "there is no other" : "the bundle has one form of its head";
    }

    private ChosenHead chosen(
            Bundle bundle, Subject subject, FirstEngine first, HeadEngines engines, HeadRunner runner) {
        LoadedHead head = runner.head();
        boolean asWished = first.name() == null || first.name().equals(head.engine()) || head.through() == 0;
        String why = asWished ? first.why() : first.name() + ", which comes first, does not run it here";
        EngineUse use = new EngineUse(head.engine(), head.describe(), why, head.refused());
        ChosenHead chosen = new ChosenHead(runner, use, surroundings);
        if (head.through() > 0 && (isOpen(bundle) || file != null)) {
            HeadMeasuring.Settings measured = new HeadMeasuring.Settings(
                    bundle, isOpen(bundle), first, subject, surroundings.machine(), file, toolVersion);
            chosen.measureWith(new HeadMeasuring(
                    measured, engines, runner, surroundings.scheduler(), surroundings.background(), chosen::changed));
        }
        return chosen;
    }
}
