package dev.cleave.endtoend;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundlePath;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.ContractVariant;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.PlanTable;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphFormat;
import dev.cleave.partition.tflite.TfLiteConverter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;

/** Bundles whose first segments are there in TensorFlow Lite's form, too. */
final class BothForms {
    private BothForms() {}

    /**
     * Writes a full bundle once more, with another id and a made-up plan.
     *
     * @param segments how many, from the first on, have the second form
     */
    static Bundle of(Bundle full, int segments, Path target) throws Exception {
        Contract contract = full.contract();
        String precision = contract.edgePrecision();
        Map<String, byte[]> forms = new LinkedHashMap<>();
        try (Engine engine = Engines.create("onnxruntime")) {
            TfLiteConverter converter = new TfLiteConverter(engine);
            for (int segment = 0; segment < segments; segment++) {
                String name = "segment-" + segment;
                forms.put(
                        BundlePath.graph(precision, name, GraphFormat.TFLITE),
                        converter.convert(full.graph(precision, name)));
            }
        }
        List<FileDigest> files = new ArrayList<>(contract.files());
        forms.forEach((path, bytes) -> files.add(FileDigest.of(path, bytes)));
        BundleWriter writer = new BundleWriter(ContractVariant.withFiles(contract, files));
        try (ZipFile zip = new ZipFile(full.file().toFile())) {
            for (FileDigest file : contract.files()) {
                writer.file(
                        file.path(),
                        zip.getInputStream(zip.getEntry(file.path())).readAllBytes());
            }
        }
        forms.forEach(writer::file);
        writer.write(full.manifest().withPlan(plan(contract)), target);
        return Bundle.open(target);
    }

    /** A millisecond for each segment, wherever it runs. */
    private static PlanTable plan(Contract contract) {
        List<PlanTable.PlanRow> rows = new ArrayList<>();
        for (int point = 0; point <= contract.local(); point++) {
            int after = contract.local() - point;
            rows.add(new PlanTable.PlanRow(point, point, 0, 0, after, after == 0 ? 0 : 100, 0, 1, 0, 1000, true));
        }
        return new PlanTable("made up", 1, "made up", 1, rows);
    }
}
