package dev.cleave.benchmarks.quantize;

import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;

/**
 * A float model that is to be quantised and judged.
 *
 * @param calibration inputs for the quantiser; none of them is among those reported on
 * @param report inputs that results are reported on
 * @param labels class of each report input, counted as the model counts; empty where nobody knows them
 * @param source of both kinds of inputs, in words
 * @param trained false: weights are random, and answers mean nothing
 */
record Int8Model(
        String name,
        ProbedModel probed,
        Samples calibration,
        Samples report,
        int[] labels,
        String source,
        boolean trained) {}
