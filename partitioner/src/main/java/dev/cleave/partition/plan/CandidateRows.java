package dev.cleave.partition.plan;

import dev.cleave.codec.CodecException;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.survey.CutSurvey;
import dev.cleave.partition.survey.Surveyed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes rows of the plan's table out of times and of what was surveyed. */
final class CandidateRows {
    private final ModelSummary summary;
    private final DeviceModel device;
    private final AdditiveModel times;
    private final int batch;

    CandidateRows(ModelSummary summary, DeviceModel device, AdditiveModel times, int batch) {
        this.summary = summary;
        this.device = device;
        this.times = times;
        this.batch = batch;
    }

    /**
     * What crosses, measured.
     *
     * @param prepareMillis of a picture on the device
     * @param localAgreement of the whole as the device runs it; NaN where it is not known
     * @param localInputs that this was counted on
     */
    record Surveys(
            Map<Cut, Surveyed> cuts,
            Surveyed raw,
            Surveyed compressed,
            double prepareMillis,
            double localAgreement,
            int localInputs) {
        static Surveys of(CutSurvey survey, List<Cut> cuts, Samples samples)
                throws IOException, EngineException, CodecException {
            return new Surveys(
                    survey.survey(cuts, samples),
                    survey.cloudRaw(samples),
                    survey.cloudCompressed(samples),
                    survey.prepareMillis(samples),
                    survey.localAgreement(samples),
                    CutSurvey.localInputs(samples));
        }

        /** Of some of the cuts. */
        Surveys of(List<Cut> some) {
            Map<Cut, Surveyed> kept = new LinkedHashMap<>();
            some.forEach(cut -> kept.put(cut, cuts.get(cut)));
            return new Surveys(kept, raw, compressed, prepareMillis, localAgreement, localInputs);
        }

        /** With more cuts. */
        Surveys with(Map<Cut, Surveyed> more) {
            Map<Cut, Surveyed> all = new LinkedHashMap<>(cuts);
            all.putAll(more);
            return new Surveys(all, raw, compressed, prepareMillis, localAgreement, localInputs);
        }

        Map<List<String>, Calibrated> calibrated() {
            Map<List<String>, Calibrated> calibrated = new LinkedHashMap<>();
            cuts.forEach((cut, surveyed) -> {
                if (surveyed.calibrated() != null) {
                    calibrated.put(cut.boundary(), surveyed.calibrated());
                }
            });
            return calibrated;
        }

        /** Encoding and decoding, in milliseconds a byte of payload, for cuts that were not surveyed; 0 if none was. */
        private double codecMillisPerByte(boolean encode) {
            double millis = 0;
            double bytes = 0;
            for (Surveyed surveyed : cuts.values()) {
                millis += encode ? surveyed.encodeMillis() : surveyed.decodeMillis();
                bytes += surveyed.wireBytes();
            }
            return bytes == 0 ? 0 : millis / bytes;
        }
    }

    /** A cut of which nothing was run, to be compared with others: without memory, which takes longer than all else. */
    CandidateCost predicted(Cut cut) {
        return predicted(cut, 0, 0, 0, 0);
    }

    long headMemoryBytes(Cut cut) {
        return device.headMemoryBytes(cut);
    }

    private CandidateCost predicted(
            Cut cut, double prepareMillis, double encodeMillis, double decodeMillis, long headMemoryBytes) {
        double bytes = times.wireBytes(cut);
        return new CandidateCost(
                CandidateKind.SPLIT,
                cut,
                cut.boundary(),
                CodecCurve.of(CandidateCost.PREDICTED, bytes, Double.NaN),
                CandidateCost.PREDICTED,
                bytes,
                times.replyBytes(cut),
                times.headMillis(cut) + prepareMillis,
                encodeMillis,
                decodeMillis,
                times.tailMillis(cut),
                batch,
                Double.NaN,
                0,
                Double.NaN,
                headMemoryBytes,
                false);
    }

    /** The rows of all candidates; those that were surveyed first. */
    List<CandidateCost> all(List<Cut> found, Surveys surveys, double edgeSlowdown) {
        double prepare = surveys.prepareMillis() * edgeSlowdown;
        List<CandidateCost> rows = new ArrayList<>();
        rows.add(local(prepare, surveys));
        rows.add(cloud(CandidateKind.CLOUD_RAW, surveys.raw(), edgeSlowdown));
        rows.add(cloud(CandidateKind.CLOUD_COMPRESSED, surveys.compressed(), edgeSlowdown));
        for (Cut cut : cuts(found, surveys)) {
            Surveyed surveyed = surveys.cuts().get(cut);
            if (surveyed != null) {
                rows.add(split(cut, surveyed, prepare, edgeSlowdown));
            } else {
                double bytes = times.wireBytes(cut);
                rows.add(predicted(
                        cut,
                        prepare,
                        surveys.codecMillisPerByte(true) * bytes * edgeSlowdown,
                        surveys.codecMillisPerByte(false) * bytes,
                        headMemoryBytes(cut)));
            }
        }
        return rows;
    }

    /** The order in which cuts are in the table: after the three rows that are no cuts. */
    List<Cut> cuts(List<Cut> found, Surveys surveys) {
        List<Cut> cuts = new ArrayList<>(surveys.cuts().keySet());
        found.stream().filter(cut -> !surveys.cuts().containsKey(cut)).forEach(cuts::add);
        return cuts;
    }

    /** Rows before those of the cuts. */
    static int rowsBeforeCuts() {
        return 3;
    }

    private CandidateCost local(double prepareMillis, Surveys surveys) {
        return new CandidateCost(
                CandidateKind.LOCAL,
                null,
                List.of(),
                null,
                "",
                0,
                0,
                times.localMillis() + prepareMillis,
                0,
                0,
                0,
                1,
                surveys.localAgreement(),
                surveys.localInputs(),
                0,
                device.wholeMemoryBytes(),
                true);
    }

    private CandidateCost cloud(CandidateKind kind, Surveyed surveyed, double edgeSlowdown) {
        return new CandidateCost(
                kind,
                null,
                List.copyOf(summary.model().graph().inputs().keySet()),
                surveyed.curve(),
                surveyed.codec(),
                surveyed.wireBytes(),
                surveyed.replyBytes(),
                0,
                surveyed.encodeMillis() * edgeSlowdown,
                surveyed.decodeMillis(),
                times.cloudMillis(),
                batch,
                surveyed.agreement(),
                surveyed.inputs(),
                surveyed.leakage(),
                0,
                true);
    }

    private CandidateCost split(Cut cut, Surveyed surveyed, double prepareMillis, double edgeSlowdown) {
        return new CandidateCost(
                CandidateKind.SPLIT,
                cut,
                cut.boundary(),
                surveyed.curve(),
                surveyed.codec(),
                surveyed.wireBytes(),
                surveyed.replyBytes(),
                times.headMillis(cut) + prepareMillis,
                surveyed.encodeMillis() * edgeSlowdown,
                surveyed.decodeMillis(),
                times.tailMillis(cut),
                batch,
                surveyed.agreement(),
                surveyed.inputs(),
                surveyed.leakage(),
                headMemoryBytes(cut),
                times.ran(cut));
    }
}
