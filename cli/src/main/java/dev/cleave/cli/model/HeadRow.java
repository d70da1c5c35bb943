package dev.cleave.cli.model;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.cli.output.Table;
import java.util.List;
import java.util.Locale;

/**
 * A head in another form than ONNX, as {@code split} and {@code verify} tell of it to scripts and people; fields as in
 * {@link HeadMeasurement}.
 */
record HeadRow(
        int index,
        double agreement,
        double[] agreementInterval,
        double onnxAgreement,
        double alike,
        double maxRelError,
        int inputs) {
    static HeadRow of(HeadMeasurement head) {
        Proportion agreeing = Proportion.ofShare(head.agreement(), head.inputs());
        return new HeadRow(
                head.point(),
                head.agreement(),
                new double[] {agreeing.low(), agreeing.high()},
                head.onnxAgreement(),
                head.alike(),
                head.maxRelativeError(),
                head.inputs());
    }

    static List<HeadRow> of(List<HeadMeasurement> heads) {
        return heads.stream().map(HeadRow::of).toList();
    }

    /** @param heads at least one */
    static Table table(List<HeadMeasurement> heads) {
        String form = heads.get(0).format().extension();
        Table table = Table.of(form + " head", "agreement", "in ONNX", "same as ONNX", "max rel. error");
        for (HeadMeasurement head : heads) {
            table.row(
                    head.point(),
                    ShareText.of(head.agreement()),
                    ShareText.of(head.onnxAgreement()),
                    ShareText.of(head.alike()),
                    String.format(Locale.ROOT, "%.1e", head.maxRelativeError()));
        }
        return table;
    }
}
