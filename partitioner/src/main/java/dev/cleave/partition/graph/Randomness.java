package dev.cleave.partition.graph;

import dev.cleave.onnx.FunctionProto;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.NodeProto;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Tells nodes that may give another answer each time they run. Such a node must run once: copied into two segments, the
 * two sides would go on with different numbers. Operators of unknown domains count as random.
 */
final class Randomness {
    private static final Set<String> RANDOM = Set.of(
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Multinomial",
            "Bernoulli",
            "Dropout",
            "Sampling",
            "BiasDropout",
            "BitmaskDropout",
            "BitmaskBiasDropout");

    private static final Set<String> KNOWN_DOMAINS =
            Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc");

    private final LocalFunctions functions;
    private final Map<FunctionProto, Boolean> known = new IdentityHashMap<>();

    Randomness(LocalFunctions functions) {
        this.functions = functions;
    }

    boolean mayBeRandom(NodeProto node) {
        FunctionProto function = functions.calledBy(node);
        if (function != null) {
            Boolean random = known.get(function);
            if (random == null) {
                random = anyRandom(function.getNodeList());
                known.put(function, random);
            }
            return random;
        }
        if (!KNOWN_DOMAINS.contains(node.getDomain()) || RANDOM.contains(node.getOpType())) {
            return true;
        }
        for (GraphProto body : LocalFunctions.bodies(node)) {
            if (anyRandom(body.getNodeList())) {
                return true;
            }
        }
        return false;
    }

    private boolean anyRandom(Collection<NodeProto> nodes) {
        return nodes.stream().anyMatch(this::mayBeRandom);
    }
}
