package dev.cleave.partition.split;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.Progress;
import dev.cleave.partition.sample.*;
import dev.cleave.partition.shape.RandomInputs;
import dev.cleave.partition.graph.*;
import dev.cleave.partition.verify.*;
import dev.cleave.tensor.*;
import java.nio.file.*;
import java.util.*;
import org.junit.jupiter.api.Test;

class SmokeTest {
    @Test
    void smoke() throws Exception {
        for (String m : System.getProperty("models").split(",")) {
            try { one(m); } catch (Exception e) { System.err.println(m + " FAILED " + e); e.printStackTrace(); }
        }
    }
    void one(String m) throws Exception {
        Path model = Path.of(System.getProperty("dir"), m + ".onnx");
        Engine engine = Engines.create(null);
        long t0 = System.nanoTime();
        Path out = Files.createTempFile("x", ".cleave");
        SplitResult r = new ModelSplitter(engine, SessionOptions.defaults(), "t", Progress.NONE).split(SplitRequest.of(model), (inputs, pre) -> random(model, inputs, 4), out);
        long t1 = System.nanoTime();
        Bundle b = Bundle.open(out);
        VerifyReport v = new Verifier(b, engine, SessionOptions.defaults(), null, Progress.NONE).verify(random(model, b.contract().inputs(), 3), null, null, x -> null, false);
        System.err.println(m + " " + Files.size(out) + " bytes, split " + (t1 - t0) / 1000000 + " ms, batch " + b.contract().maxBatch() + " " + b.contract().batchReason() + " " + b.contract().precision());
        v.exact().forEach(e -> System.err.println("   " + e));
        v.points().forEach(e -> System.err.println("   " + e));
        b.contract().points().forEach(p -> System.err.println("   " + p.specs() + " " + p.levels().get(0).codecs()));
    }
    static Samples random(Path model, List<TensorSpec> inputs, int n) throws SampleException {
        try {
            RandomInputs random = new RandomInputs(Graph.of(OnnxModel.read(model)), 1, Map.of());
            List<Sample> list = new ArrayList<>();
            Map<String, ElementType> types = new LinkedHashMap<>();
            Map<String, Shape> shapes = new LinkedHashMap<>();
            for (TensorSpec s : inputs) { types.put(s.name(), s.type()); long[] d = s.shape().dims(); for (int i = 0; i < d.length; i++) if (d[i] < 0) d[i] = 1; shapes.put(s.name(), Shape.of(d)); }
            for (int i = 0; i < n; i++) list.add(new Sample("r" + i, random.next(types, shapes)));
            return Samples.of(list);
        } catch (ModelException e) { throw new SampleException(e.getMessage(), e); }
    }
}
