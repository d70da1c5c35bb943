package dev.cleave.benchmarks.codec;

import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.plan.PlanModel;
import dev.cleave.bundle.ContractJson;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.Calibrator;
import dev.cleave.partition.draft.DraftBundle;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.draft.ModelTitle;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * A model cut at given tensors, each cut calibrated on every second picture; the other pictures are left to measure on. Owns
 * the loaded segments; one thread.
 */
final class CodecMaterial implements AutoCloseable {
    /** Cuts at one tensor each that are narrow (MobileNetV2, SqueezeNet) or wide and behind a Relu (ResNet-20). */
    static List<String> cuts(PlanMaterial.Known known) {
        switch (known) {
            case MOBILENETV2:
                return List.of("conv_37_out", "add_3_out", "conv_60_out", "conv_77_out");
            case SQUEEZENET:
                return List.of("relu13_fwd", "relu16_fwd", "relu19_fwd", "relu22_fwd");
            case CIFAR_RESNET20:
                return List.of(
                        "/layer1/layer1.0/Relu_1_output_0",
                        "/layer1/layer1.2/Relu_1_output_0",
                        "/layer2/layer2.0/Relu_1_output_0",
                        "/layer2/layer2.2/Relu_1_output_0",
                        "/layer3/layer3.2/Relu_1_output_0");
            default:
                throw new IllegalArgumentException(known + " has no weights whose symbols mean something");
        }
    }

    private final ScratchFolder scratch;
    private final DraftBundle draft;
    private final DraftRun run;
    private final Samples calibration;
    private final Samples report;
    private final double wantedAgreement;

    private CodecMaterial(
            ScratchFolder scratch, DraftBundle draft, DraftRun run, Samples samples, double wantedAgreement)
            throws SampleException {
        this.scratch = scratch;
        this.draft = draft;
        this.run = run;
        this.calibration = everySecond(samples, 0);
        this.report = everySecond(samples, 1);
        this.wantedAgreement = wantedAgreement;
    }

    /** @param pictures for calibration and report together */
    static CodecMaterial open(
            PlanMaterial.Known known, List<String> cuts, int pictures, double wantedAgreement, Engine engine)
            throws IOException, EngineException {
        ScratchFolder scratch = ScratchFolder.create("cleave-codec");
        PlanModel model =
                new PlanMaterial(Files.createDirectory(scratch.file("material"))).open(known, pictures, engine);
        DraftBundle draft = DraftBundle.extract(
                ModelTitle.unnamed(),
                model.summary().model(),
                model.preprocessing(),
                List.of(),
                model.summary().at(cuts.stream().map(List::of).toList()),
                0,
                DraftBundle.rawReplies(model.summary().model()),
                scratch.file("weights.bin"));
        DraftRun run = draft.open(engine, SessionOptions.defaults(), scratch);
        return new CodecMaterial(scratch, draft, run, model.samples(), wantedAgreement);
    }

    static Samples everySecond(Samples samples, int first) throws SampleException {
        List<Sample> half = new ArrayList<>();
        for (int i = first; i < samples.size(); i += 2) {
            half.add(samples.get(i));
        }
        return Samples.of(half);
    }

    List<Calibrated> calibrate() throws SampleException, EngineException, CodecException {
        return new Calibrator(run.contract(), run.roundTrip(), wantedAgreement, MemoryBudget.ofJvm())
                .calibrate(calibration, Progress.NONE);
    }

    DraftRun run() {
        return run;
    }

    /** Pictures that nothing was tuned on. */
    Samples report() {
        return report;
    }

    /** Pictures to learn from. */
    Samples calibration() {
        return calibration;
    }

    int calibrationPictures() {
        return calibration.size();
    }

    /** How much longer a contract becomes by a point's context models. */
    int tableBytes(int point, List<CodecParams> with) throws IOException {
        return contractBytes(point, with) - contractBytes(point, ZstdBytes.withoutContext(with));
    }

    private int contractBytes(int point, List<CodecParams> params) throws IOException {
        List<List<CodecParams>> all = new ArrayList<>(draft.carefulParams());
        all.set(point, params);
        return ContractJson.write(draft.contract(all)).length;
    }

    @Override
    public void close() throws IOException {
        run.close();
        scratch.close();
    }
}
