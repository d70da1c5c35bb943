package dev.cleave.edge.head;

import dev.cleave.tensor.Tensor;
import java.util.Map;

/**
 * What a run of some segments gave.
 *
 * @param crossing the boundary of the point that it reached, and every output made so far
 * @param nanos that the segments took, what ran between them not included
 */
public record SegmentRun(Map<String, Tensor> crossing, long nanos) {}
