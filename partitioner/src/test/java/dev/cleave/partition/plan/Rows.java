package dev.cleave.partition.plan;

import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.cut.Cut;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Rows of plan tables made of numbers: no model behind them. */
final class Rows {
    static final LinkProfile LINK = new LinkProfile(1e6, 1e6, 20);

    private Rows() {}

    static CandidateCost local(double headMillis) {
        return row(CandidateKind.LOCAL, null, List.of(), "", 0, 0, headMillis, 0, 1, 1, 0, 5_000);
    }

    /** CLOUD as it is: 1,000 bytes down. */
    static CandidateCost raw(double wireBytes, double tailMillis) {
        return row(CandidateKind.CLOUD_RAW, null, List.of("x"), "raw", wireBytes, 1000, 0, tailMillis, 1, 1, 0, 0);
    }

    /** CLOUD as a JPEG: 1,000 bytes down. */
    static CandidateCost jpeg(double wireBytes, double tailMillis) {
        return row(
                CandidateKind.CLOUD_COMPRESSED,
                null,
                List.of("x"),
                "jpeg:90",
                wireBytes,
                1000,
                0,
                tailMillis,
                1,
                0.99,
                0,
                0);
    }

    /** The cut after the first {@code nodes} nodes of a chain: 1,000 bytes down, 100 bytes of memory a node. */
    static CandidateCost split(int nodes, double wireBytes, double headMillis, double tailMillis) {
        return split(cut(range(nodes)), wireBytes, headMillis, tailMillis);
    }

    static CandidateCost split(Cut cut, double wireBytes, double headMillis, double tailMillis) {
        return row(
                CandidateKind.SPLIT,
                cut,
                cut.boundary(),
                "quant:24",
                wireBytes,
                1000,
                headMillis,
                tailMillis,
                1,
                0.99,
                0,
                100L * cut.size());
    }

    /** The same row, of which nothing was encoded or run. */
    static CandidateCost guessed(CandidateCost row) {
        return new CandidateCost(
                row.kind(),
                row.cut(),
                row.tensors(),
                CodecCurve.of(CandidateCost.PREDICTED, row.wireBytes(), Double.NaN),
                CandidateCost.PREDICTED,
                row.wireBytes(),
                row.replyBytes(),
                row.headMillis(),
                row.encodeMillis(),
                row.decodeMillis(),
                row.tailMillis(),
                row.batch(),
                Double.NaN,
                0,
                Double.NaN,
                row.headMemoryBytes(),
                false);
    }

    static CandidateCost withAgreement(CandidateCost row, double agreement) {
        return withAgreement(row, agreement, 0);
    }

    /** @param inputs that it was counted on */
    static CandidateCost withAgreement(CandidateCost row, double agreement, int inputs) {
        return row(
                row.kind(),
                row.cut(),
                row.tensors(),
                row.codec(),
                row.wireBytes(),
                row.replyBytes(),
                row.headMillis(),
                row.tailMillis(),
                row.batch(),
                agreement,
                inputs,
                row.headMemoryBytes());
    }

    static CandidateCost withBatch(CandidateCost row, int batch) {
        return row(
                row.kind(),
                row.cut(),
                row.tensors(),
                row.codec(),
                row.wireBytes(),
                row.replyBytes(),
                row.headMillis(),
                row.tailMillis(),
                batch,
                row.agreement(),
                row.agreementInputs(),
                row.headMemoryBytes());
    }

    private static CandidateCost row(
            CandidateKind kind,
            Cut cut,
            List<String> tensors,
            String codec,
            double wireBytes,
            double replyBytes,
            double headMillis,
            double tailMillis,
            int batch,
            double agreement,
            int inputs,
            long memory) {
        return new CandidateCost(
                kind,
                cut,
                tensors,
                kind == CandidateKind.LOCAL ? null : CodecCurve.of(codec, wireBytes, agreement),
                codec,
                wireBytes,
                replyBytes,
                headMillis,
                0,
                0,
                tailMillis,
                batch,
                agreement,
                inputs,
                0.5,
                memory,
                true);
    }

    /** A cut after any nodes; its boundary is named after them. */
    static Cut cut(BitSet head) {
        return new Cut(head, List.of("t" + head), List.of(), List.of("y"));
    }

    static BitSet range(int nodes) {
        BitSet head = new BitSet();
        head.set(0, nodes);
        return head;
    }

    /** LOCAL, both kinds of CLOUD and {@code splits} nested splits: a slow device, a fast gateway, bytes at random. */
    static List<CandidateCost> random(int splits, SplittableRandom random) {
        double device = random.nextDouble(20, 2000);
        double gateway = random.nextDouble(1, 50);
        List<CandidateCost> rows = new ArrayList<>();
        rows.add(local(device));
        rows.add(raw(150_000, gateway));
        rows.add(jpeg(random.nextDouble(5_000, 40_000), gateway + 2));
        for (int i = 1; i <= splits; i++) {
            double share = i / (splits + 1.0);
            rows.add(split(
                    i,
                    Math.exp(random.nextDouble(Math.log(200), Math.log(60_000))),
                    device * share,
                    gateway * (1 - share)));
        }
        return rows;
    }

    static CostTable table(List<CandidateCost> rows) {
        return new CostTable("model.onnx", 9, "device", 1, "gateway", "top-1", rows, List.of(), Map.of(), 0, 1.5);
    }

    static CostTable table(CandidateCost... rows) {
        return table(List.of(rows));
    }
}
