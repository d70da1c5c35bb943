package dev.cleave.gateway.identity;

/**
 * Who a caller is, or why he is not let in: exactly one of the two is there.
 *
 * @param refusal one line
 */
public record Verdict(Device device, String refusal) {}
