package dev.cleave.benchmarks.codec;

import dev.cleave.answer.Proportion;
import dev.cleave.benchmarks.codec.VideoPoint.Outcome;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.cli.failure.UserException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.temporal.TemporalTuning;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.calibrate.Budget;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.CodecLabel;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.picture.Picture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What boundaries of videos take as what has changed since an earlier one, beside what they take alone and as well answered. */
@Command(
        name = "temporal-bytes",
        description = "Measures bytes and agreement of videos coded frame by frame and by what has changed.",
        mixinStandardHelpOptions = true)
final class TemporalBytes implements Callable<Integer> {
    private static final double ROAD_RATIO = 2;
    private static final double STILL_RATIO = 4;
    private static final double SENSOR_NOISE = 2;

    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Default: mobilenetv2.")
    private List<String> models = List.of("mobilenetv2");

    @Option(names = "--pictures", paramLabel = "N", description = "Half of them for calibration. Default 200.")
    private int pictures = 200;

    @Option(
            names = "--agreement",
            paramLabel = "P",
            description = "That calibration has to reach. Default: as split has it.")
    private double wanted = Budget.wanted(SplitRequest.DEFAULT_DISAGREEMENT);

    @Option(names = "--cuts", split = ",", paramLabel = "TENSOR", description = "Instead of each model's usual ones.")
    private List<String> cuts = List.of();

    @Option(names = "--views", paramLabel = "N", description = "Of the road, and photographs; 1 to 6. Default 6.")
    private int views = 6;

    @Option(
            names = "--behind",
            paramLabel = "N",
            description = "Frames between one and that which it is coded against. Default 1.")
    private int behind = 1;

    @Option(
            names = "--added-error",
            paramLabel = "E",
            description = "Squared steps a value; a quantiser's own is 1/12. Default 0.025.")
    private double addedError = TemporalTuning.USUAL_EXCESS;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    private final Notes notes = new Notes(System.err, System.nanoTime());
    private final MarkdownTable bytes = new MarkdownTable(
            "video",
            "model",
            "point",
            "codec",
            "intra",
            "temporal",
            "ratio",
            "agreement, intra (95 %)",
            "agreement, temporal (95 %)",
            "error, intra, %",
            "error, temporal, %",
            "intra of equal agreement",
            "ratio",
            "intra of equal error",
            "ratio");
    private final MarkdownTable times = new MarkdownTable(
            "video", "model", "point", "encode, intra", "encode, temporal", "decode, intra", "decode, temporal");
    private final List<String> verdicts = new ArrayList<>();
    private boolean passed = true;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TemporalBytes()).execute(arguments));
    }

    /** Some videos, and by which factor what has changed is to be shorter than frames alone. */
    private record Scene(List<List<Picture>> videos, double wantedRatio) {}

    @Override
    public Integer call() throws Exception {
        if (views < 1 || views > 6 || behind < 1 || behind > 20 || pictures < 24 || !(addedError >= 0)) {
            throw new UserException("--views " + views + ", --behind " + behind + ", --pictures " + pictures
                    + ", --added-error " + addedError + "; expected 1 to 6, 1 to 20, at least 24, at least 0");
        }
        List<PlanMaterial.Known> known = PlanMaterial.named(models);
        try (Engine engine = Engines.create(null)) {
            for (PlanMaterial.Known each : known) {
                List<String> at = cuts.isEmpty() ? CodecMaterial.cuts(each) : cuts;
                notes.say(each + ": calibrating");
                try (CodecMaterial material = CodecMaterial.open(each, at, pictures, wanted, engine)) {
                    measure(each, at, material);
                }
            }
            MarkdownPage page = new MarkdownPage("Bytes of videos", engine, how());
            page.add("Means of whole payloads in bytes:", bytes);
            page.add("Medians in milliseconds; decoding a frame of a video includes what is done at receipt:", times);
            page.add(verdicts);
            page.publish(out);
        }
        return passed ? 0 : 3;
    }

    private List<String> how() {
        return List.of(
                pictures + " photographs: every second one for calibration to agreement " + wanted + ", heads in float",
                "road: car-detection, " + views + " views of 95 frames each; still: " + views
                        + " photographs, over each of"
                        + " which a piece of another one moves, 40 frames each; noisy: the same with sensor noise of "
                        + SENSOR_NOISE + " grey levels",
                "intra: each frame alone; temporal: each as what has changed since the frame " + behind
                        + " before it, with an added error of " + addedError
                        + " squared steps; frames without one to be coded against are left out of both",
                "agreement: the same answer as from the boundary as it is; error: of the scores, as a share of their standard"
                        + " deviation",
                "intra of equal agreement, of equal error: the fewest bytes of the same quantiser with as many levels or"
                        + " fewer, contexts learned for each, that agrees as often as temporal, or errs as little");
    }

    private Map<String, Scene> scenes(CodecMaterial material) throws Exception {
        Map<String, Scene> scenes = new LinkedHashMap<>();
        scenes.put("road", new Scene(VideoMaterial.road(views), ROAD_RATIO));
        scenes.put("still", new Scene(VideoMaterial.still(material.report(), views, 0), STILL_RATIO));
        scenes.put("noisy", new Scene(VideoMaterial.still(material.report(), views, SENSOR_NOISE), STILL_RATIO));
        return scenes;
    }

    private void measure(PlanMaterial.Known known, List<String> at, CodecMaterial material) throws Exception {
        List<Calibrated> calibrated = material.calibrate();
        Map<String, Scene> scenes = scenes(material);
        for (int point = 1; point <= at.size(); point++) {
            CoarserLevels coarser = new CoarserLevels(material, point);
            for (Map.Entry<String, Scene> scene : scenes.entrySet()) {
                notes.say(known + " at " + at.get(point - 1) + ": " + scene.getKey());
                VideoPoint videos =
                        new VideoPoint(material, point, scene.getValue().videos(), behind);
                List<CodecParams> params = calibrated.get(point - 1).params();
                String[] names = {scene.getKey(), known.toString(), at.get(point - 1)};
                compare(names, videos, params, coarser, scene.getValue().wantedRatio());
            }
        }
    }

    private void compare(
            String[] names, VideoPoint videos, List<CodecParams> params, CoarserLevels coarser, double wantedRatio)
            throws Exception {
        List<Outcome> alone = new ArrayList<>(List.of(videos.alone(params)));
        Outcome intra = alone.get(0);
        Outcome temporal = videos.changes(params, addedError);
        for (List<CodecParams> each : coarser.of(params)) {
            alone.add(videos.alone(each));
        }
        double agreeing = leastBytes(
                alone, each -> each.agreeing().share() >= temporal.agreeing().share());
        double erring = leastBytes(alone, each -> each.error() <= temporal.error());
        bytes.row(
                names[0],
                names[1],
                names[2],
                CodecLabel.of(params),
                intra.bytes(),
                temporal.bytes(),
                intra.bytes() / temporal.bytes(),
                text(intra.agreeing()),
                text(temporal.agreeing()),
                100 * intra.error(),
                100 * temporal.error(),
                agreeing,
                agreeing / temporal.bytes(),
                erring,
                erring / temporal.bytes());
        times.row(
                names[0],
                names[1],
                names[2],
                intra.encodeMillis(),
                temporal.encodeMillis(),
                intra.decodeMillis(),
                temporal.decodeMillis());
        judge(names, agreeing / temporal.bytes(), erring / temporal.bytes(), wantedRatio);
    }

    /** Of those that do as well; those of the point's own codec if none does. */
    private static double leastBytes(List<Outcome> alone, Predicate<Outcome> doesAsWell) {
        return alone.stream()
                .filter(doesAsWell)
                .mapToDouble(Outcome::bytes)
                .min()
                .orElse(alone.get(0).bytes());
    }

    private void judge(String[] names, double ratio, double atEqualError, double wantedRatio) {
        boolean enough = ratio >= wantedRatio;
        passed &= enough;
        verdicts.add(String.format(
                Locale.ROOT,
                "- %s: %s, %s at %s: %.2fx fewer bytes at equal agreement (wanted %.0fx), %.2fx at equal error",
                enough ? "pass" : "FAIL",
                names[0],
                names[1],
                names[2],
                ratio,
                wantedRatio,
                atEqualError));
    }

    private static String text(Proportion proportion) {
        return String.format(Locale.ROOT, "%.3f (%.3f-%.3f)", proportion.share(), proportion.low(), proportion.high());
    }
}
