package dev.cleave.partition.survey;

import dev.cleave.codec.CodecParams;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.CodecCurve;
import java.util.List;

/**
 * What crosses at one cut, or at CLOUD, and what that was measured to cost. For one row; times in milliseconds on this
 * machine, medians. Immutable.
 *
 * @param params how each tensor is coded, in the boundary's order
 * @param curve every way of coding that was tried
 * @param codec label of the way that {@code params} stand for; the other figures are for it
 * @param wireBytes mean payload up
 * @param replyBytes mean payload down: the outputs that the gateway makes
 * @param agreement share of samples with the same answer as the unsplit model, 0..1; NaN where it was not measured
 * @param encodeMillis on the device
 * @param decodeMillis on the gateway, into the tail's inputs; of pictures, preprocessing included
 * @param leakage distance correlation between the inputs and what crosses, 0..1, 1 at CLOUD; NaN where it was not measured
 * @param inputs samples that {@code agreement} and {@code wireBytes} rest on, those that chose the codec; 0 if they were made up
 * @param leakageInputs samples that {@code leakage} rests on; 0 where it was not measured
 * @param calibrated for a bundle with this cut in its ladder, so that it need not be calibrated again; null at CLOUD and if there
 *     were no samples
 */
public record Surveyed(
        List<CodecParams> params,
        CodecCurve curve,
        String codec,
        double wireBytes,
        double replyBytes,
        double agreement,
        double encodeMillis,
        double decodeMillis,
        double leakage,
        int inputs,
        int leakageInputs,
        Calibrated calibrated) {
    public Surveyed {
        params = List.copyOf(params);
    }
}
