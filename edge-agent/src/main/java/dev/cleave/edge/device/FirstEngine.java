package dev.cleave.edge.device;

import dev.cleave.edge.device.DeviceRecord.EngineRecord;
import dev.cleave.edge.device.DeviceRecord.Subject;
import dev.cleave.edge.head.HeadEngines;
import dev.cleave.engine.EngineException;

/**
 * Which engine a version of the model begins with, and why. Immutable.
 *
 * <p>Nothing is measured before the first answer: what was asked for comes first, then what was found out before, then what the version
 * before runs on, so that the two can be compared by their times, and else the engine that defines the answers.
 *
 * @param name null for the first of those that are there
 * @param why in one line
 * @param remembered what was found out before and still holds as far as is known; null if nothing does
 */
public record FirstEngine(String name, String why, DeviceRecord remembered) {
    static final String UNMEASURED = "it defines the answers; nothing was measured on this device yet";

    /**
     * Decides.
     *
     * @param asked name of the engine that was asked for, or null
     * @param found what the file says, or null
     * @param subject what is to be run, and where
     * @param former engine of the version before, or null
     * @param engines asked for the version of the engine that is remembered, and for no other
     */
    public static FirstEngine of(
            String asked, DeviceRecord found, Subject subject, String former, HeadEngines engines) {
        DeviceRecord remembered = found != null && holds(found, subject, engines) ? found : null;
        if (asked != null) {
            return new FirstEngine(
                    asked,
                    "it was asked for",
                    remembered != null && remembered.engine().equals(asked) ? remembered : null);
        }
        if (remembered != null) {
            return new FirstEngine(remembered.engine(), "measured on this device: " + remembered.why(), remembered);
        }
        if (former != null) {
            return new FirstEngine(former, "the version before runs on it; this one was not measured yet", null);
        }
        return new FirstEngine(null, UNMEASURED, null);
    }

    private static boolean holds(DeviceRecord found, Subject subject, HeadEngines engines) {
        EngineRecord chosen = found.chosen();
        if (!found.of().equals(subject) || !engines.names().contains(chosen.name())) {
            return false;
        }
        try {
            return engines.engine(chosen.name()).version().equals(chosen.version());
        } catch (EngineException | LinkageError gone) {
            return false;
        }
    }
}
