package dev.cleave.edge.update;

/**
 * One request that a version had, as a trial sees it.
 *
 * @param linked whether there was a gateway when it began: times with and without one are not compared
 * @param failed no answer in time, or one that a gateway's error made the device give; what the caller or the network did to it
 *     is no failure of the version
 * @param nanos to the answer
 */
public record RequestSample(boolean linked, boolean failed, long nanos) {}
