package dev.cleave.edge.policy;

/**
 * What one request asks for.
 *
 * @param rows batch rows in it, at least 1
 * @param leftNanos until its deadline
 * @param nowNanos the moment, by the agent's clock
 */
public record Demand(int rows, long leftNanos, long nowNanos) {}
