package dev.cleave.cli.daemon;

import dev.cleave.cli.units.TimeSpan;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.shadow.ShadowSettings;
import dev.cleave.edge.update.UpdateSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a daemon's model is kept up to date, its answers are looked after, and what it remembers of the device. */
public final class UpkeepOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec verb;

    @Option(
            names = "--updates",
            paramLabel = "DIR",
            description =
                    "Keep newer versions of the model that the gateway has in this folder, and run them. See --trust-key.")
    private Path updates;

    @Option(
            names = "--update-every",
            paramLabel = "TIME",
            description =
                    "How often the gateway is asked for one, beside each time that the link comes up. Default 3600s.")
    private Duration updateEvery;

    @Option(
            names = "--trial",
            paramLabel = "N",
            description = "Requests after which a new version that did no worse is kept. Default 200.")
    private Integer trial;

    @Option(
            names = "--shadow",
            paramLabel = "FRACTION",
            description = "Share of the gateway's answers that are compared with those of a second run. Default 0.")
    private double shadow;

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description =
                    "Keep what is found out about this device in this file: the fastest engine, for the next start, and"
                            + " times, for cleave plan --edge. Default: device.json in the folder of --updates, else none.")
    private Path profile;

    /** @throws ParameterException for options that make no sense */
    void check(boolean hasGateway) {
        if (updates == null && (updateEvery != null || trial != null)) {
            throw usage((trial != null ? "--trial" : "--update-every") + " without --updates DIR; expected a folder");
        }
        if (updates != null && !hasGateway) {
            throw usage("--updates needs --gateway HOST:PORT, where they come from");
        }
        try {
            settings();
        } catch (IllegalArgumentException refused) {
            throw usage(TimeSpan.inMessage(refused.getMessage()));
        }
        if (!(shadow >= 0 && shadow <= 1)) {
            throw usage("--shadow " + shadow + ": expected 0 to 1");
        }
        if (shadow > 0 && !hasGateway) {
            throw usage("--shadow needs --gateway HOST:PORT, whose answers are compared");
        }
        if (updates != null && Files.exists(updates) && !Files.isDirectory(updates)) {
            throw usage("--updates " + updates + " is a file; expected a folder");
        }
    }

    /** @throws ParameterException if the profile would take the place of the bundle */
    void checkProfile(Path bundle) {
        if (profile != null
                && profile.toAbsolutePath()
                        .normalize()
                        .equals(bundle.toAbsolutePath().normalize())) {
            throw usage("--profile " + profile + " is the bundle; expected another file");
        }
    }

    private UpdateSettings settings() {
        if (updates == null) {
            return null;
        }
        UpdateSettings settings = UpdateSettings.into(updates);
        if (updateEvery != null) {
            settings = settings.checkingEvery(updateEvery);
        }
        return trial == null ? settings : settings.trialRequests(trial);
    }

    private ParameterException usage(String message) {
        return new ParameterException(verb.commandLine(), message);
    }

    void apply(EdgeAgentBuilder builder) {
        if (profile != null || updates != null) {
            builder.deviceProfile(profile != null ? profile : updates.resolve("device.json"));
        }
        if (updates != null) {
            builder.updates(settings());
        }
        if (shadow > 0) {
            builder.shadow(ShadowSettings.fraction(shadow));
        }
    }
}
