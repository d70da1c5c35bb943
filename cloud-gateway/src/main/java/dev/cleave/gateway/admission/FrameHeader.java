package dev.cleave.gateway.admission;

import dev.cleave.codec.Entropy;

/**
 * What a frame says about itself; hostile until checked.
 *
 * @param entropy coder that its stream agreed on
 * @param remainingMicros deadline from full receipt, unsigned; 0: none
 */
public record FrameHeader(int point, int rows, int quality, Entropy entropy, long remainingMicros, int priority) {}
