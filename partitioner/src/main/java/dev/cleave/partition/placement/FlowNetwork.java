package dev.cleave.partition.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jgrapht.alg.flow.PushRelabelMFImpl;
import org.jgrapht.alg.interfaces.MinimumSTCutAlgorithm;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.SimpleDirectedWeightedGraph;

/**
 * Vertices on two sides and directed edges, each of which is paid for if it leads from the device's side to the gateway's;
 * finds the cheapest division.
 *
 * <p><b>Exactness.</b> Only cuts that cost less than a given room are wanted, so every capacity is cut down to that room:
 * a cut through such an edge is not wanted whatever the edge's true cost, and infinite is as good as the room itself. All
 * flows together are then at most the sum of the source's edges. Costs are scaled by the power of two that brings this
 * sum to about 2^50 and rounded to integers, with which a double calculates exactly. Integers whose sum is below that
 * stay what they are; other costs are taken to about 1e-15 of the sum.
 */
final class FlowNetwork {
    static final int DEVICE = -1;
    static final int GATEWAY = -2;

    private static final int EXPONENT = 50;

    private final List<Edge> edges = new ArrayList<>();
    /** By vertex: what is paid if it is on the device, and on the gateway. */
    private double[] onDevice;

    private double[] onGateway;
    private double always;
    private int vertices;

    private record Edge(int from, int to, double cost) {}

    FlowNetwork(int vertices) {
        this.vertices = vertices;
        this.onDevice = new double[vertices];
        this.onGateway = new double[vertices];
    }

    int addVertex() {
        if (vertices == onDevice.length) {
            onDevice = Arrays.copyOf(onDevice, 2 * vertices + 1);
            onGateway = Arrays.copyOf(onGateway, 2 * vertices + 1);
        }
        return vertices++;
    }

    /** From here on {@code cost} is paid if {@code from} is on the device and {@code to} on the gateway. */
    void connect(int from, int to, double cost) {
        if (from == to || from == GATEWAY || to == DEVICE || cost == 0) {
            return;
        }
        if (from == DEVICE && to == GATEWAY) {
            always += cost;
        } else if (from == DEVICE) {
            onGateway[to] += cost;
        } else if (to == GATEWAY) {
            onDevice[from] += cost;
        } else {
            edges.add(new Edge(from, to, cost));
        }
    }

    /** The vertices on the device in the cheapest division, if it costs less than {@code room}. */
    Optional<BitSet> deviceSide(double room) {
        double left = room - floor();
        return left > 0 ? new Flow(left).deviceSide() : Optional.empty();
    }

    /** What every division pays: each vertex is on one of the sides. */
    private double floor() {
        double floor = always;
        for (int vertex = 0; vertex < vertices; vertex++) {
            floor += Math.min(onDevice[vertex], onGateway[vertex]);
        }
        return floor;
    }

    /** What is paid above the floor, as a maximum flow of integers. */
    private final class Flow {
        private final SimpleDirectedWeightedGraph<Integer, DefaultWeightedEdge> graph =
                new SimpleDirectedWeightedGraph<>(DefaultWeightedEdge.class);
        private final double room;
        private final int shift;

        Flow(double room) {
            this.room = room;
            double sum = room;
            for (int vertex = 0; vertex < vertices; vertex++) {
                sum += Math.max(0, Math.min(onGateway[vertex] - onDevice[vertex], room));
            }
            this.shift = EXPONENT - Math.getExponent(sum);
            build();
        }

        private void build() {
            graph.addVertex(DEVICE);
            graph.addVertex(GATEWAY);
            for (int vertex = 0; vertex < vertices; vertex++) {
                graph.addVertex(vertex);
                add(DEVICE, vertex, onGateway[vertex] - onDevice[vertex]);
                add(vertex, GATEWAY, onDevice[vertex] - onGateway[vertex]);
            }
            for (Edge edge : edges) {
                add(edge.from(), edge.to(), edge.cost());
            }
        }

        private void add(int from, int to, double cost) {
            double capacity = scaled(cost);
            if (capacity <= 0) {
                return;
            }
            DefaultWeightedEdge edge = graph.addEdge(from, to);
            if (edge == null) {
                edge = graph.getEdge(from, to);
                capacity = Math.min(capacity + graph.getEdgeWeight(edge), scaled(room));
            }
            graph.setEdgeWeight(edge, capacity);
        }

        private double scaled(double cost) {
            return Math.rint(Math.scalb(Math.min(cost, room), shift));
        }

        Optional<BitSet> deviceSide() {
            MinimumSTCutAlgorithm<Integer, DefaultWeightedEdge> cut = new PushRelabelMFImpl<>(graph);
            if (cut.calculateMinCut(DEVICE, GATEWAY) >= scaled(room)) {
                return Optional.empty();
            }
            BitSet side = new BitSet();
            cut.getSourcePartition().stream().filter(vertex -> vertex >= 0).forEach(side::set);
            return Optional.of(side);
        }
    }
}
