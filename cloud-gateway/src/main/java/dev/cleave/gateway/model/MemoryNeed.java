package dev.cleave.gateway.model;

import dev.cleave.bundle.BundlePath;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.FileDigest;

/**
 * A guess at the memory that a model takes once it is loaded, from the sizes of its files alone. Rough on purpose, and
 * rather too high: weights count twice, since ONNX Runtime maps them from the file and keeps copies of many in the order
 * that its kernels like; a graph counts several times for what is built of it; each session has threads and an arena.
 * What the tensors of a run need is not in it: that depends on batches, and is bounded by {@code maxBatchBytes}.
 */
final class MemoryNeed {
    static final long SESSION_BYTES = 8L << 20;
    private static final int WEIGHT_COPIES = 2;
    private static final int GRAPH_COPIES = 4;

    private MemoryNeed() {}

    /**
     * Of one session for each segment.
     *
     * @param first the first point that is served
     */
    static long ofChain(Contract contract, int first) {
        long bytes = WEIGHT_COPIES * size(contract, BundlePath.weights(contract.precision()));
        for (int segment = first; segment < contract.local(); segment++) {
            bytes += ofGraph(contract, contract.precision(), "segment-" + segment);
        }
        return bytes;
    }

    /** Of one session for each point, with weights of its own: those of all tails are taken to be as large as the first's. */
    static long ofTails(Contract contract, String precision, int first) {
        long bytes = 0;
        for (int point = first; point < contract.local(); point++) {
            bytes += WEIGHT_COPIES * size(contract, BundlePath.weights(precision))
                    + ofGraph(contract, precision, contract.tailGraph(precision, point));
        }
        return bytes;
    }

    /** Of one session of a plain model; its graph holds the weights, or lies beside them. */
    static long ofPlain(long bytes) {
        return WEIGHT_COPIES * bytes + SESSION_BYTES;
    }

    private static long ofGraph(Contract contract, String precision, String graph) {
        return GRAPH_COPIES * size(contract, BundlePath.graph(precision, graph)) + SESSION_BYTES;
    }

    private static long size(Contract contract, String path) {
        return contract.files().stream()
                .filter(file -> file.path().equals(path))
                .mapToLong(FileDigest::size)
                .sum();
    }
}
