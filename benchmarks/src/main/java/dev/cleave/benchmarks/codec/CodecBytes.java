package dev.cleave.benchmarks.codec;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.plan.Surroundings;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.CodecLabel;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the same symbols cost packed, with zstd and coded by their contexts, on pictures apart from calibration. */
@Command(
        name = "codec-bytes",
        description = "Measures entropy coders on real symbols.",
        mixinStandardHelpOptions = true)
final class CodecBytes implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: mobilenetv2 squeezenet cifar_resnet20.")
    private List<String> models = List.of("mobilenetv2", "squeezenet", "cifar_resnet20");

    @Option(names = "--pictures", paramLabel = "N", description = "Half of them for calibration. Default 200.")
    private int pictures = 200;

    @Option(names = "--agreement", paramLabel = "P", description = "That calibration has to reach. Default 0.98.")
    private double wanted = 0.98;

    @Option(names = "--cuts", split = ",", paramLabel = "TENSOR", description = "Instead of each model's usual ones.")
    private List<String> cuts = List.of();

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final MarkdownTable table = new MarkdownTable(
            "model",
            "cut",
            "codec",
            "elements",
            "packed",
            "zstd",
            "context",
            "bit/element",
            "under zstd, %",
            "agreement (95 %)",
            "JPEG that agrees as often, bytes",
            "tables, bytes");

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CodecBytes()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<String> lines = new ArrayList<>(List.of("# Bytes of entropy coders", ""));
        try (Engine engine = Engines.create(null)) {
            lines.addAll(Surroundings.lines(engine, LocalDate.now()));
            lines.add("- pictures: " + pictures + ", every second one for calibration to agreement " + wanted
                    + ", the others for all figures here; bytes are means of whole payloads");
            for (PlanMaterial.Known known : PlanMaterial.named(models)) {
                List<String> at = cuts.isEmpty() ? CodecMaterial.cuts(known) : cuts;
                try (CodecMaterial material = CodecMaterial.open(known, at, pictures, wanted, engine)) {
                    measure(known, at, material);
                }
            }
        }
        lines.add("");
        lines.addAll(table.lines());
        lines.forEach(System.out::println);
        if (out != null) {
            Files.write(out, lines);
        }
        return 0;
    }

    private void measure(PlanMaterial.Known known, List<String> at, CodecMaterial material) throws Exception {
        List<Calibrated> calibrated = material.calibrate();
        List<RivalJpeg> rivals = RivalJpeg.measure(material);
        for (int point = 1; point <= at.size(); point++) {
            List<CodecParams> params = calibrated.get(point - 1).params();
            Means means = means(point, params, material);
            table.row(
                    known,
                    at.get(point - 1),
                    CodecLabel.of(params),
                    (long) means.elements,
                    means.packed,
                    means.zstd,
                    means.context,
                    means.context * 8 / means.elements,
                    100 * (1 - means.context / means.zstd),
                    text(means.agreeing),
                    RivalJpeg.agreeingAsOften(means.agreeing, rivals),
                    material.tableBytes(point, params));
        }
    }

    private static String text(Proportion proportion) {
        return String.format(Locale.ROOT, "%.3f (%.3f-%.3f)", proportion.share(), proportion.low(), proportion.high());
    }

    /** Over the report's pictures; {@code context} is what the contract makes of them, zstd included. */
    private record Means(double elements, double packed, double zstd, double context, Proportion agreeing) {}

    private static Means means(int point, List<CodecParams> params, CodecMaterial material) throws Exception {
        RoundTrip roundTrip = material.run().roundTrip();
        List<TensorSpec> outputs = material.run().contract().outputs();
        Agreement metric = Agreement.forOutputs(outputs);
        List<CodecParams> plain = ZstdBytes.withoutContext(params);
        ActivationCodec packed = roundTrip.codec(point, plain, Entropy.NONE);
        ActivationCodec zstd = roundTrip.codec(point, plain, Entropy.ZSTD);
        ActivationCodec context = roundTrip.codec(point, params, Entropy.ZSTD);
        Samples samples = material.report();
        double[] sums = new double[4];
        int agreeing = 0;
        for (int i = 0; i < samples.size(); i++) {
            Map<String, Tensor> inputs = samples.get(i).inputs();
            Map<String, Tensor> live = roundTrip.head(point, inputs);
            ByteBuffer payload = context.encode(live, Map.of());
            for (TensorSpec spec : material.run().contract().points().get(point).specs()) {
                sums[0] += live.get(spec.name()).elements();
            }
            sums[1] += packed.encode(live, Map.of()).remaining();
            sums[2] += zstd.encode(live, Map.of()).remaining();
            sums[3] += payload.remaining();
            Map<String, Tensor> split = roundTrip.tail(point, roundTrip.decode(point, context, payload), live);
            agreeing += metric.agrees(outputs, split, roundTrip.tail(point, live, live)) ? 1 : 0;
        }
        double n = samples.size();
        return new Means(sums[0] / n, sums[1] / n, sums[2] / n, sums[3] / n, new Proportion(agreeing, samples.size()));
    }
}
