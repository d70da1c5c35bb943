package dev.cleave.cli.demo;

import dev.cleave.partition.split.SplitRequest;
import java.nio.file.Path;

/**
 * What a demo runs on.
 *
 * @param title the model, for people
 * @param request how to split it
 * @param calibration folder of inputs that the codec is calibrated on
 * @param inputs folder of inputs that are run and counted
 * @param answers tells right answers from wrong ones
 */
record DemoMaterial(String title, SplitRequest request, Path calibration, Path inputs, Answers answers) {

    /** What is known about right answers. */
    interface Answers {
        /** The answer as people read it. */
        String readable(DemoAnswer answer);

        /** The right answer of an input, or null if it is not known. */
        String expected(String input);
    }
}
