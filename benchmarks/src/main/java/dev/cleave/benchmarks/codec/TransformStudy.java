package dev.cleave.benchmarks.codec;

import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.plan.Surroundings;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whether a linear transform before quantisation, or rounding that knows the tail, would take fewer bytes. */
@Command(
        name = "transform-study",
        description = "Bits per element at an agreement, with and without transforms.",
        mixinStandardHelpOptions = true)
final class TransformStudy implements Callable<Integer> {
    private static final long SEED = 20;
    /** Steps grow by this from one to the next. */
    private static final double GROWTH = Math.sqrt(2);

    private static final int MOST_STEPS = 24;
    /** Coarser steps than those that do so badly are of no interest. */
    private static final double MARGIN = 0.02;

    private static final int BLOCK = 8;

    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: cifar_resnet20 mobilenetv2 squeezenet.")
    private List<String> models = List.of("cifar_resnet20", "mobilenetv2", "squeezenet");

    @Option(names = "--pictures", paramLabel = "N", description = "Half of them to learn from. Default 200.")
    private int pictures = 200;

    @Option(names = "--agreement", paramLabel = "P", description = "At which bits are compared. Default 0.99.")
    private double wanted = 0.99;

    @Option(names = "--low", paramLabel = "P", description = "A lower agreement, for comparison. Default 0.95.")
    private double low = 0.95;

    @Option(names = "--cuts", split = ",", paramLabel = "TENSOR", description = "Instead of each model's usual ones.")
    private List<String> cuts = List.of();

    private final MarkdownTable table =
            new MarkdownTable("model", "cut", "form", "bit/element at agreement", "at equal error", "at low agreement");

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TransformStudy()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (Engine engine = Engines.create(null)) {
            Surroundings.lines(engine, LocalDate.now()).forEach(System.out::println);
            System.out.println("- pictures: " + pictures + ", every second one to learn from, figures from the others;"
                    + " agreement " + wanted
                    + "; equal error: as much as equal steps have at that agreement; low agreement: " + low);
            for (PlanMaterial.Known known : PlanMaterial.named(models)) {
                List<String> at = cuts.isEmpty() ? CodecMaterial.cuts(known) : cuts;
                try (CodecMaterial material = CodecMaterial.open(known, at, pictures, wanted, engine)) {
                    for (int point = 1; point <= at.size(); point++) {
                        study(known, at.get(point - 1), new StudiedCut(material, point));
                    }
                }
            }
        }
        System.out.println();
        table.lines().forEach(System.out::println);
        return 0;
    }

    private static List<CodingForm> forms(StudiedCut cut) throws EngineException {
        Random random = new Random(SEED);
        BlockBasis flat = new BlockBasis(cut.height, cut.width, cut.channels, 1, false);
        List<CodingForm> forms = new ArrayList<>();
        forms.add(EqualSteps.plain(cut));
        forms.add(EqualSteps.shaped(cut, random));
        forms.add(new LinearTransform("KLT of channels", cut, flat, false, random));
        forms.add(new LinearTransform("KLT of channels, weighted", cut, flat, true, random));
        int side = cut.height % BLOCK == 0 && cut.width % BLOCK == 0 ? BLOCK : cut.height;
        if (cut.height == cut.width) {
            BlockBasis blocks = new BlockBasis(cut.height, cut.width, cut.channels, side, true);
            forms.add(new LinearTransform("DCT " + side + "x" + side + ", weighted KLT", cut, blocks, true, random));
        }
        return forms;
    }

    /** One step's outcome. */
    private record Probe(double bits, StudiedCut.Outcome outcome) {}

    private void study(PlanMaterial.Known known, String name, StudiedCut cut) throws EngineException {
        double equalError = Double.NaN;
        for (CodingForm form : forms(cut)) {
            List<Probe> probes = probes(form, cut);
            double[] crossing = crossing(wanted, probes);
            equalError = Double.isNaN(equalError) ? crossing[1] : equalError;
            table.row(known, name, form.label(), crossing[0], bitsAt(equalError, probes), crossing(low, probes)[0]);
            System.err.println(table.lines().get(table.lines().size() - 1));
        }
    }

    /** From the finest step that anything is lost at. */
    private List<Probe> probes(CodingForm form, StudiedCut cut) throws EngineException {
        List<Probe> probes = new ArrayList<>();
        float step = (float) form.finest();
        for (int i = 0; i < MOST_STEPS; i++, step *= (float) GROWTH) {
            List<int[]> reported = levels(form, cut.reported, step);
            List<float[]> decoded = new ArrayList<>();
            for (int[] levels : reported) {
                decoded.add(form.picture(levels, step));
            }
            StudiedCut.Outcome outcome = cut.outcome(decoded);
            double bits = bits(form.basis(), levels(form, cut.learned, step), reported);
            probes.add(new Probe(bits, outcome));
            System.err.printf(
                    Locale.ROOT,
                    "%s: %.3f bit/element, agreement %.3f, error %.4f%n",
                    form.label(),
                    bits,
                    outcome.agreement(),
                    outcome.error());
            if (outcome.agreement() < low - MARGIN) {
                break;
            }
        }
        return probes;
    }

    private static double bits(BlockBasis basis, List<int[]> learned, List<int[]> reported) {
        return basis.side == 1
                ? new LevelCost(basis, learned).bits(reported)
                : new FrequencyCost(basis, learned).bits(reported);
    }

    private static List<int[]> levels(CodingForm form, List<float[]> pictures, float step) {
        List<int[]> levels = new ArrayList<>();
        pictures.forEach(picture -> levels.add(form.levels(picture, step)));
        return levels;
    }

    /** Bits and error where agreement first falls below what is wanted, between two steps. */
    private static double[] crossing(double wanted, List<Probe> probes) {
        for (int i = 0; i + 1 < probes.size(); i++) {
            Probe fine = probes.get(i);
            Probe coarse = probes.get(i + 1);
            if (fine.outcome.agreement() >= wanted && coarse.outcome.agreement() < wanted) {
                double share =
                        (fine.outcome.agreement() - wanted) / (fine.outcome.agreement() - coarse.outcome.agreement());
                return new double[] {
                    between(fine.bits, coarse.bits, share), between(fine.outcome.error(), coarse.outcome.error(), share)
                };
            }
        }
        return new double[] {Double.NaN, Double.NaN};
    }

    /** Errors grow as steps do, so in their logarithm. */
    private static double bitsAt(double error, List<Probe> probes) {
        for (int i = 0; i + 1 < probes.size(); i++) {
            double fine = probes.get(i).outcome.error();
            double coarse = probes.get(i + 1).outcome.error();
            if (fine <= error && coarse > error) {
                return between(
                        probes.get(i).bits, probes.get(i + 1).bits, Math.log(error / fine) / Math.log(coarse / fine));
            }
        }
        return Double.NaN;
    }

    private static double between(double from, double to, double share) {
        return from + share * (to - from);
    }
}
