package dev.cleave.gateway.admission;

/**
 * What a frame says about itself; hostile until checked.
 *
 * @param remainingMicros deadline from full receipt, unsigned; 0: none
 */
public record FrameHeader(int point, int rows, int quality, long remainingMicros, int priority) {}
