package dev.cleave.edge.link;

/**
 * Names one stream to a gateway. What two streams have in common is the agent alone: state that one gateway holds for a
 * stream, references to what was sent on it, terms that were granted on it are void on the next.
 *
 * @param number counts up, unique within the agent
 * @param address of the gateway
 * @param gatewayVersion as the gateway says
 */
public record Connection(long number, String address, String gatewayVersion) {}
