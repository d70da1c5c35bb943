package dev.cleave.edge.link;

import io.grpc.Channel;
import io.grpc.ManagedChannel;

/**
 * How a gateway is reached. The channel stays its owner's.
 *
 * @param address as events, logs and metrics name it
 * @param channel carries the streams; woken when a connection failed or the gateway drains, put to sleep when another
 *     address is in use
 * @param calls the same channel, with call credentials if there are any
 */
public record GatewayTarget(String address, ManagedChannel channel, Channel calls) {}
