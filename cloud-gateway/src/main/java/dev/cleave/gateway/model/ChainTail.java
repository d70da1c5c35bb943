package dev.cleave.gateway.model;

import dev.cleave.engine.EngineException;
import dev.cleave.gateway.exec.Tail;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * Tails as runs of one chain of segments. Its failures are told to agents, so they name the bundle's file without the
 * directory that it lies in.
 */
final class ChainTail implements Tail {
    private final SegmentChain chain;
    private final Path file;

    /** @param chain stays the caller's */
    ChainTail(SegmentChain chain, Path file) {
        this.chain = chain;
        this.file = file;
    }

    @Override
    public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos) throws EngineException {
        try {
            return chain.run(point, chain.to(), boundary, limitNanos);
        } catch (EngineException e) {
            String message = String.valueOf(e.getMessage());
            throw new EngineException(
                    message.replace(file.toString(), file.getFileName().toString()), e);
        }
    }
}
