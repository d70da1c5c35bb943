package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.EngineException;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Tails as runs of one chain of segments, in the bundle's own precision. Its failures are told to agents, so they name
 * the bundle's file without the directory that it lies in.
 */
final class ChainTail implements LoadedTails {
    private final SegmentChain chain;
    private final String precision;
    private final Path file;

    private ChainTail(SegmentChain chain, String precision, Path file) {
        this.chain = chain;
        this.precision = precision;
        this.file = file;
    }

    /** @param first the first point that is served */
    static ChainTail load(Bundle bundle, GraphLoader graphs, int first) throws EngineException, IOException {
        String precision = bundle.contract().precision();
        SegmentChain chain = SegmentChain.load(
                bundle,
                segment -> graphs.load(precision, "segment-" + segment),
                precision,
                first,
                bundle.contract().local(),
                System::nanoTime);
        return new ChainTail(chain, precision, bundle.file());
    }

    @Override
    public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos) throws EngineException {
        try {
            return chain.run(point, chain.to(), boundary, limitNanos);
        } catch (EngineException e) {
            throw withoutDirectory(e, file);
        }
    }

    @Override
    public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos, Border border)
            throws EngineException {
        try {
            return chain.run(point, chain.to(), boundary, limitNanos, new Joined(border));
        } catch (EngineException e) {
            throw withoutDirectory(e, file);
        }
    }

    /** A run that others may join. */
    private record Joined(Border border) implements SegmentChain.Watch {
        @Override
        public Map<String, Tensor> atBorder(int point, Map<String, Tensor> crossing) {
            return border.at(point, crossing);
        }
    }

    static EngineException withoutDirectory(EngineException failure, Path file) {
        String message = String.valueOf(failure.getMessage());
        return new EngineException(
                message.replace(file.toString(), file.getFileName().toString()), failure);
    }

    @Override
    public boolean isChain() {
        return true;
    }

    @Override
    public String precision() {
        return precision;
    }

    @Override
    public String provider() {
        return chain.provider();
    }

    @Override
    public List<String> refusedProviders() {
        return chain.refusedProviders();
    }

    /** A chain runs through the segments of every later point. */
    @Override
    public List<Integer> warmUpPoints() {
        return List.of(chain.from());
    }

    @Override
    public void close() {
        chain.close();
    }
}
