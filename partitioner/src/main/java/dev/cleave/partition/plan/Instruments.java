package dev.cleave.partition.plan;

import dev.cleave.engine.Engine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.CodecChoices;
import dev.cleave.partition.progress.Progress;
import java.util.function.LongSupplier;

/**
 * What a planner measures with.
 *
 * @param engine the caller's
 * @param choices codecs among which a boundary's is found
 */
record Instruments(
        Engine engine,
        SessionOptions options,
        String toolVersion,
        Progress progress,
        LongSupplier nanoClock,
        CodecChoices choices) {}
