package dev.cleave.gateway.grpc;

import dev.cleave.gateway.admission.Admission;
import dev.cleave.gateway.admission.FrameIntake;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.memory.MemoryShares;
import dev.cleave.wire.ReassemblyLimits;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What all streams of a gateway share.
 *
 * @param references memory for frames of videos
 * @param states memory for states
 * @param readers threads that take turns of frames which have to be read
 * @param clock nanoseconds
 */
record StreamParts(
        Handshake handshake,
        Admission admission,
        GatewayConfig.Streams limits,
        MemoryShares references,
        MemoryShares states,
        Executor readers,
        LongSupplier clock) {
    /** Where the frames of one more stream are put together, and its credit is counted. */
    FrameIntake intake() {
        return new FrameIntake(
                limits.creditFrames(),
                new ReassemblyLimits(
                        limits.maxFrameBytes(),
                        limits.chunkBytes(),
                        Math.max(limits.creditBytes(), limits.maxFrameBytes()),
                        limits.creditFrames(),
                        limits.reassemblyTime().toNanos()));
    }
}
