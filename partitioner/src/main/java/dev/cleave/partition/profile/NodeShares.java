package dev.cleave.partition.profile;

import dev.cleave.engine.OperatorTime;
import dev.cleave.partition.cut.WorkEstimate;
import dev.cleave.partition.graph.Dataflow;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How an engine's time is spread over the anchored nodes of a graph. Immutable.
 *
 * @param traced share of the operators' time that could be traced to nodes, 0..1
 * @param shares by node index, together 1; 0 for nodes that are not anchored
 */
record NodeShares(double traced, double[] shares) {
    /**
     * Traces a watched run of a {@link MarkedGraph} back to its nodes. An operator's time goes to the nodes that its
     * name holds the marks of, and to those that were merged into them, by their work. Time of operators without a mark
     * (reorders, casts and transposes that the engine put in) is spread in proportion.
     *
     * @param runs of the marked graph
     * @return null if nothing can be traced
     */
    static NodeShares traced(List<List<OperatorTime>> runs, MarkedGraph marks, Dataflow flow, WorkEstimate work) {
        Map<String, Double> operators = midmeans(runs);
        Map<String, BitSet> marked = new LinkedHashMap<>();
        BitSet seen = new BitSet();
        for (String operator : operators.keySet()) {
            BitSet nodes = marks.nodesIn(operator);
            marked.put(operator, nodes);
            seen.or(nodes);
        }
        Merging merging = new Merging(flow, seen);
        double[] nanos = new double[flow.graph().nodes().size()];
        double total = 0;
        double traced = 0;
        for (Map.Entry<String, Double> operator : operators.entrySet()) {
            total += operator.getValue();
            BitSet members = merging.members(marked.get(operator.getKey()));
            if (!members.isEmpty()) {
                traced += operator.getValue();
                spread(operator.getValue(), members, work, nanos);
            }
        }
        return traced == 0 ? null : new NodeShares(traced / total, normalized(nanos));
    }

    /** By the amount of work alone; {@code traced} is 0. */
    static NodeShares estimated(Dataflow flow, WorkEstimate work) {
        double[] amounts = new double[flow.graph().nodes().size()];
        spread(1, flow.anchored(), work, amounts);
        return new NodeShares(0, normalized(amounts));
    }

    private static Map<String, Double> midmeans(List<List<OperatorTime>> runs) {
        Map<String, double[]> nanos = new LinkedHashMap<>();
        for (int run = 0; run < runs.size(); run++) {
            for (OperatorTime time : runs.get(run)) {
                nanos.computeIfAbsent(time.node(), node -> new double[runs.size()])[run] += time.nanos();
            }
        }
        Map<String, Double> midmeans = new LinkedHashMap<>();
        nanos.forEach((node, times) -> midmeans.put(node, Timings.of(times).midmean()));
        return midmeans;
    }

    private static void spread(double amount, BitSet nodes, WorkEstimate work, double[] to) {
        double total = nodes.stream().mapToDouble(work::of).sum();
        nodes.stream()
                .forEach(node -> to[node] += amount * (total == 0 ? 1.0 / nodes.cardinality() : work.of(node) / total));
    }

    private static double[] normalized(double[] amounts) {
        double total = 0;
        for (double amount : amounts) {
            total += amount;
        }
        double[] shares = amounts.clone();
        for (int node = 0; node < shares.length && total > 0; node++) {
            shares[node] /= total;
        }
        return shares;
    }

    /** Which nodes an engine merged into which, as far as can be told from those that have no operator of their own. */
    private static final class Merging {
        private static final int NONE = -1;

        private final Dataflow flow;
        private final BitSet seen;
        private final BitSet anchored;
        private final Map<Integer, List<Integer>> readers = new LinkedHashMap<>();
        private final int[] host;

        Merging(Dataflow flow, BitSet seen) {
            this.flow = flow;
            this.seen = seen;
            this.anchored = flow.anchored();
            this.host = new int[flow.graph().nodes().size()];
            anchored.stream().forEach(this::noteMakers);
            for (int node = anchored.length() - 1; node >= 0; node--) {
                host[node] = seen.get(node) ? node : hostAmongReaders(node);
            }
            // Now those read by several operators: what made their input is the likelier one to have taken them in.
            anchored.stream().filter(node -> host[node] == NONE).forEach(node -> host[node] = hostAmongMakers(node));
        }

        /** Anchored nodes whose time an operator with these marks took. */
        BitSet members(BitSet marked) {
            BitSet hosts = new BitSet();
            hosts.or(marked);
            hosts.and(anchored);
            if (hosts.isEmpty()) {
                // A dequantisation, say, that every reader would have a copy of.
                marked.stream().forEach(node -> addAnchoredReaders(node, hosts));
            }
            BitSet members = new BitSet();
            anchored.stream()
                    .filter(node -> hosts.get(node) || host[node] != NONE && hosts.get(host[node]))
                    .forEach(members::set);
            return members;
        }

        private void noteMakers(int node) {
            for (int carrier : flow.reads(node)) {
                int maker = flow.producer(carrier);
                if (maker >= 0) {
                    readers.computeIfAbsent(maker, key -> new ArrayList<>()).add(node);
                }
            }
        }

        /** The operator that all readers belong to, if it is one. */
        private int hostAmongReaders(int node) {
            int found = NONE;
            for (int reader : readers.getOrDefault(node, List.of())) {
                if (host[reader] == NONE || found != NONE && host[reader] != found) {
                    return NONE;
                }
                found = host[reader];
            }
            return found;
        }

        /** The operator of the last of those that made its inputs. */
        private int hostAmongMakers(int node) {
            int last = NONE;
            for (int carrier : flow.reads(node)) {
                last = Math.max(last, flow.producer(carrier));
            }
            return last == NONE ? NONE : host[last];
        }

        private void addAnchoredReaders(int node, BitSet to) {
            for (String output : flow.graph().node(node).outputs()) {
                if (output.isEmpty()) {
                    continue;
                }
                for (int reader : flow.graph().value(output).consumers()) {
                    if (anchored.get(reader)) {
                        to.set(reader);
                    } else if (flow.isLive(reader)) {
                        addAnchoredReaders(reader, to);
                    }
                }
            }
        }
    }
}
