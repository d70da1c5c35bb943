package dev.cleave.partition.calibrate;

import dev.cleave.bundle.CalibrationRecord;
import dev.cleave.bundle.CalibrationRecord.Curve;
import dev.cleave.bundle.CalibrationRecord.Tried;
import dev.cleave.partition.sample.SampleDigest;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import java.util.ArrayList;
import java.util.List;

/** What a manifest says of a calibration. */
public final class CalibrationNotes {
    private CalibrationNotes() {}

    /**
     * @param samples that were calibrated on, all shares together
     * @param calibrated points that were calibrated on them
     */
    public static CalibrationRecord of(Samples samples, double wantedAgreement, List<Calibrated> calibrated)
            throws SampleException {
        Shares shares = Shares.of(samples.size());
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i < Math.min(samples.size(), CalibrationRecord.MAX_INPUTS); i++) {
            inputs.add(SampleDigest.of(samples.get(i)).substring(0, CalibrationRecord.DIGITS));
        }
        return new CalibrationRecord(
                shares.learn().size(),
                shares.choose().size(),
                shares.report().size(),
                shares.apart(),
                wantedAgreement,
                inputs,
                calibrated.stream().map(CalibrationNotes::curve).toList());
    }

    private static Curve curve(Calibrated point) {
        List<Tried> tried = point.curve().levels().stream()
                .map(level -> new Tried(level.label(), level.wireBytes(), level.agreement()))
                .toList();
        return new Curve(point.measurement().point(), tried);
    }
}
