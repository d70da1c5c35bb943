package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;

/**
 * What is to go up before the next frame. Immutable.
 *
 * @param uncreditedBytes of frames that wait for the gateway's credit
 * @param unsentBytes of all frames that were not handed to the transport: these, others, and those that are not coded yet
 * @param link with all bytes in flight that the next frame waits behind, the unsent included
 */
public record Backlog(long uncreditedBytes, long unsentBytes, LinkConditions link) {}
