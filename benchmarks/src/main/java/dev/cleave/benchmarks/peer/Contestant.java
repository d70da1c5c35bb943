package dev.cleave.benchmarks.peer;

import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.Metrics;
import dev.cleave.benchmarks.process.ThreadTimes;
import dev.cleave.benchmarks.process.WarmUp;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;

/** A server and a way of asking it, with what its blocks have shown. One thread. */
final class Contestant {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double PIECE_SECONDS = 0.5;

    private final String name;
    private final HttpModel model;
    private final long process;
    private final GatewayChild gateway;
    private final List<HttpRequest> requests;
    private final ClosedLoop loop;
    private Figures figures = new Figures();

    /**
     * @param gateway whose metrics tell how many rows its batches have; null for a server that makes none
     * @param rows that are asked in turn
     */
    Contestant(String name, HttpModel model, long process, GatewayChild gateway, List<float[]> rows) {
        this.name = name;
        this.model = model;
        this.process = process;
        this.gateway = gateway;
        this.requests = rows.stream().map(model::ask).toList();
        this.loop = new ClosedLoop(requests);
    }

    /**
     * One number a block.
     *
     * @param perSecond requests
     * @param p50 ms
     * @param p99 ms
     * @param cpuMillis processor time of the server for each request
     * @param batchRows mean; 1 where there are no batches
     */
    record Figures(
            List<Double> perSecond,
            List<Double> p50,
            List<Double> p99,
            List<Double> cpuMillis,
            List<Double> batchRows) {
        Figures() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    String name() {
        return name;
    }

    /** Of the blocks since {@link #warmUp}. */
    Figures figures() {
        return figures;
    }

    /** What it answers to each row. */
    List<float[]> answers() throws IOException, InterruptedException {
        List<float[]> answers = new ArrayList<>();
        for (HttpRequest request : requests) {
            answers.add(model.scores(loop.send(request)));
        }
        return answers;
    }

    /** Asks until the server has compiled what it runs, and forgets earlier figures. Returns its compiler's last share of processor time. */
    double warmUp(int clients, double mostSeconds) throws Exception {
        figures = new Figures();
        return WarmUp.of(process, mostSeconds, () -> loop.run(clients, PIECE_SECONDS));
    }

    void block(int clients, double seconds) throws IOException, InterruptedException {
        Metrics before = gateway == null ? null : gateway.metrics();
        ThreadTimes began = ThreadTimes.of(process);
        ClosedLoop.Block block = loop.run(clients, seconds);
        double nanos = ThreadTimes.of(process).since(began).total();
        figures.cpuMillis().add(nanos / NANOS_PER_MILLI / block.millis().size());
        figures.perSecond().add(block.perSecond());
        figures.p50().add(Statistics.quantile(block.millis(), 0.5));
        figures.p99().add(Statistics.quantile(block.millis(), 0.99));
        figures.batchRows().add(gateway == null ? 1 : gateway.metrics().rowsABatch(before));
    }
}
