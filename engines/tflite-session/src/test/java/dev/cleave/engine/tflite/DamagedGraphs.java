package dev.cleave.engine.tflite;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Loads and runs damaged graphs in a process of its own, since what the checks let through may end it. Seeded: graph
 * {@code i} is the same everywhere.
 */
public final class DamagedGraphs {
    private static final int[] ODD = {0, 1, -1, 2, 7, 255, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE};
    private static final int MOST_CRASHES = 20;
    private static final long MOST_ELEMENTS = 1 << 22;
    private static final long LIMIT_NANOS = 200_000_000;

    /**
     * What became of the graphs.
     *
     * @param crashes the numbers of those that ended the process
     */
    public record Outcome(int refused, int failed, int ran, List<Integer> crashes) {}

    private DamagedGraphs() {}

    /** Tries graphs 0 to {@code count}, in a new process after each crash. */
    public static Outcome tryAll(int count) throws IOException, InterruptedException {
        Map<String, Integer> counts = new HashMap<>();
        List<Integer> crashes = new ArrayList<>();
        int next = 0;
        while (next < count && crashes.size() < MOST_CRASHES) {
            Process child = new ProcessBuilder(
                            System.getProperty("java.home") + "/bin/java",
                            "-Xmx256m",
                            "-XX:-CreateCoredumpOnCrash",
                            "-XX:ErrorFile=" + new File("/dev/null"),
                            "-Djava.library.path=" + System.getProperty("java.library.path"),
                            "-cp",
                            System.getProperty("java.class.path"),
                            DamagedGraphs.class.getName(),
                            Integer.toString(next),
                            Integer.toString(count))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int begun = next - 1;
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] words = line.split(" ");
                    if (words[0].equals("begin")) {
                        begun = Integer.parseInt(words[1]);
                    } else if (words[0].equals("end")) {
                        counts.merge(words[1], 1, Integer::sum);
                    }
                }
            }
            if (child.waitFor() == 0) {
                break;
            }
            if (begun < next) {
                throw new IOException("the process for damaged graphs does not start");
            }
            crashes.add(begun);
            next = begun + 1;
        }
        return new Outcome(
                counts.getOrDefault("refused", 0),
                counts.getOrDefault("failed", 0),
                counts.getOrDefault("ran", 0),
                Collections.unmodifiableList(crashes));
    }

    /** Arguments: first graph, and the one after the last. */
    public static void main(String[] arguments) throws Exception {
        byte[][] whole = {SmallNetworks.floats(), SmallNetworks.integers()};
        try (Engine engine = Engines.create("tflite")) {
            for (int i = Integer.parseInt(arguments[0]); i < Integer.parseInt(arguments[1]); i++) {
                System.out.println("begin " + i);
                System.out.println("end " + attempt(engine, damaged(whole[i % whole.length], i)));
            }
        }
    }

    private static String attempt(Engine engine, byte[] graph) {
        try (Session session = engine.load(
                new GraphSource("damaged", graph), SessionOptions.defaults().withThreads(1))) {
            Map<String, Tensor> inputs = new HashMap<>();
            for (TensorSpec input : session.inputs()) {
                Shape shape = input.shape();
                for (int axis = 0; axis < shape.rank(); axis++) {
                    shape = shape.dim(axis) == Shape.DYNAMIC ? shape.withDim(axis, 1 + axis) : shape;
                }
                if (shape.elements() > MOST_ELEMENTS) {
                    return "failed";
                }
                inputs.put(input.name(), Tensor.allocate(input.type(), shape));
            }
            try {
                session.run(inputs, Collections.emptyMap(), LIMIT_NANOS);
                return "ran";
            } catch (EngineException e) {
                return "failed";
            }
        } catch (EngineException e) {
            return "refused";
        }
    }

    /** One to three bytes or numbers changed; rarely the end cut off. */
    static byte[] damaged(byte[] whole, int seed) {
        Random random = new Random(seed);
        byte[] graph = whole.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
            int at = 8 + random.nextInt(graph.length - 12);
            switch (random.nextInt(4)) {
                case 0 -> graph[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> graph[at] = (byte) random.nextInt(256);
                default -> {
                    int value = ODD[random.nextInt(ODD.length)];
                    for (int i = 0; i < 4; i++) {
                        graph[at / 4 * 4 + i] = (byte) (value >> 8 * i);
                    }
                }
            }
        }
        return random.nextInt(20) == 0 ? Arrays.copyOf(graph, random.nextInt(graph.length)) : graph;
    }
}
