package dev.cleave.partition.plan;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.BatchCurve;
import dev.cleave.partition.profile.DeviceProfile.NodeCost;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.picture.Preprocessing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Plans generated models on a real engine. Owns the engine. */
final class PlannerRuns implements AutoCloseable {
    private final Path folder;
    private final Engine engine = create();

    private Preprocessing preprocessing;
    private Samples samples;
    private DeviceProfile edge;
    private double edgeSlowdown = 1;
    private DeviceProfile cloud;
    private int batch = 1;
    private double wantedAgreement = 0.99;

    PlannerRuns(Path folder) {
        this.folder = folder;
    }

    private static Engine create() {
        try {
            return Engines.create("onnxruntime");
        } catch (EngineException missing) {
            throw new AssertionError(missing);
        }
    }

    PlannerRuns preprocessing(Preprocessing value) {
        preprocessing = value;
        return this;
    }

    PlannerRuns samples(Samples value, double agreement) {
        samples = value;
        wantedAgreement = agreement;
        return this;
    }

    PlannerRuns edge(DeviceProfile value) {
        edge = value;
        return this;
    }

    PlannerRuns edgeSlowdown(double value) {
        edgeSlowdown = value;
        return this;
    }

    PlannerRuns cloud(DeviceProfile value) {
        cloud = value;
        return this;
    }

    PlannerRuns batch(int value) {
        batch = value;
        return this;
    }

    ModelSummary summary(ModelBuilder model) throws Exception {
        return ModelSummary.of(model.read(folder), engine, ProbeSettings.defaults());
    }

    CostTable table(ModelSummary summary, LinkProfile link, Constraints constraints) throws Exception {
        TimingLimits limits = TimingLimits.defaults().withRuns(3, 3).withTime(Duration.ofSeconds(1));
        return new SplitPlanner(
                        engine, SessionOptions.defaults().withThreads(1), "test", Progress.NONE, System::nanoTime)
                .measure(PlanRequest.of(summary, link)
                        .withConstraints(constraints)
                        .withPreprocessing(preprocessing)
                        .withSamples(samples, wantedAgreement)
                        .withEdge(edge)
                        .withEdgeSlowdown(edgeSlowdown)
                        .withCloud(cloud)
                        .withBatch(batch)
                        .withMostMeasured(3)
                        .withLimits(limits));
    }

    SplitPlan plan(ModelSummary summary, LinkProfile link, Constraints constraints) throws Exception {
        return Decision.of(table(summary, link, constraints), link, Objective.LATENCY, constraints, 4, () -> 0);
    }

    /** The profile of a machine that does a million multiplications in some milliseconds, and all else at once. */
    static DeviceProfile byWork(ModelSummary summary, double millisPerMillion) {
        List<NodeCost> costs = new ArrayList<>();
        double whole = 0;
        for (int node : summary.model().flow().anchored().stream().toArray()) {
            double millis = summary.work().of(node) / 1e6 * millisPerMillion;
            whole += millis;
            costs.add(new NodeCost(
                    node,
                    summary.model().graph().node(node).outputs().get(0),
                    summary.model().graph().node(node).op(),
                    millis));
        }
        return MadeUpProfile.of(
                "model.onnx",
                summary.model().graph().model().sha256(),
                whole,
                costs,
                List.of(),
                new BatchCurve(List.of(), "made up"));
    }

    @Override
    public void close() {
        engine.close();
    }
}
