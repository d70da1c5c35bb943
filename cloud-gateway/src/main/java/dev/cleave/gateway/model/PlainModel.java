package dev.cleave.gateway.model;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.gateway.trial.ModelFiles;
import dev.cleave.gateway.trial.RunMemory;
import dev.cleave.gateway.trial.TrialReport;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/**
 * An ONNX model that is served whole, as it is: there is nothing of it that a device could run. Its contract is made here,
 * of what its trial has shown: no ladder, point 0 raw both ways, rows joined where they were found to be independent.
 *
 * @param bytes of all its files
 */
public record PlainModel(ModelFiles files, String id, Contract contract, long bytes, RunMemory runMemory)
        implements ModelSource {
    /** In place of a precision: whatever the graph has. */
    static final String FORM = "plain";

    /** @param id SHA-256 of its files, its name and its version, hex */
    public static PlainModel of(
            ModelFiles files, String name, String version, String id, long bytes, TrialReport report) {
        List<BoundaryTensor> inputs = report.inputs().stream()
                .map(input -> new BoundaryTensor(input, null))
                .toList();
        LadderPoint whole = new LadderPoint(
                0, inputs, List.of(), List.of(new QualityLevel(QualityLevel.RAW, raw(report.inputs()))));
        Contract contract = new Contract(
                name,
                version,
                id,
                FORM,
                FORM,
                report.inputs(),
                report.outputs(),
                raw(report.outputs()),
                List.of(),
                null,
                report.isBatched() ? Integer.MAX_VALUE : 1,
                report.notBatched(),
                List.of(whole),
                List.of(),
                0,
                List.of(),
                List.of());
        return new PlainModel(files, id, contract, bytes, report.memory());
    }

    private static List<CodecParams> raw(List<TensorSpec> specs) {
        return Collections.nCopies(specs.size(), new CodecParams.Raw());
    }

    @Override
    public long release() {
        return 0;
    }

    @Override
    public Path file() {
        return files.graph();
    }

    @Override
    public boolean isSealed() {
        return false;
    }
}
