package dev.cleave.bundle;

import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Quantization;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.TensorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the quality levels and integer forms of one ladder point must fulfil. */
final class LevelRules {
    private static final int MAX_LEVELS = 16;
    private static final int MAX_LEVEL_NAME = 32;

    private final Contract contract;
    private final LadderPoint point;

    LevelRules(Contract contract, LadderPoint point) {
        this.contract = contract;
        this.point = point;
    }

    void check() throws BundleException {
        for (BoundaryTensor tensor : point.boundary()) {
            if (tensor.quantized() != null) {
                checkQuantization(tensor.spec(), tensor.quantized());
            }
        }
        List<QualityLevel> levels = point.levels();
        if (levels.isEmpty() || levels.size() > MAX_LEVELS) {
            throw wrong("number of levels", levels.size(), "1 to " + MAX_LEVELS);
        }
        Set<String> names = new HashSet<>();
        for (QualityLevel level : levels) {
            checkName(level.name());
            if (!names.add(level.name())) {
                throw wrong("level " + level.name(), "there twice", "one of that name");
            }
            checkCodecs(level);
        }
        String last = levels.get(levels.size() - 1).name();
        if (!last.equals(QualityLevel.RAW)) {
            throw wrong("last level", last, QualityLevel.RAW);
        }
    }

    private void checkName(String name) throws BundleException {
        boolean good = !name.isEmpty() && name.length() <= MAX_LEVEL_NAME;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            good &= c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-';
        }
        if (!good) {
            throw wrong(
                    "name of a level",
                    BundleException.quote(name),
                    "1 to " + MAX_LEVEL_NAME + " of a-z, 0-9 and hyphen");
        }
    }

    private void checkCodecs(QualityLevel level) throws BundleException {
        List<CodecParams> codecs = level.codecs();
        if (codecs.size() != point.boundary().size()) {
            throw wrong(
                    "level " + level.name(),
                    "of " + codecs.size() + " codecs",
                    "one for each of " + point.boundary().size() + " tensors");
        }
        for (int i = 0; i < codecs.size(); i++) {
            TensorSpec spec = point.boundary().get(i).spec();
            CodecParams codec = codecs.get(i);
            String expected = level.name().equals(QualityLevel.RAW) ? notRaw(codec) : misfit(codec, spec);
            if (expected != null) {
                throw wrong(
                        "codec of " + CodecRules.named(spec) + " in level " + level.name(),
                        CodecRules.shown(codec),
                        expected);
            }
        }
    }

    private static String notRaw(CodecParams codec) {
        return codec instanceof CodecParams.Raw ? null : "raw";
    }

    /** Null, or what a codec for that tensor would have to be. */
    private String misfit(CodecParams codec, TensorSpec spec) {
        if (codec instanceof CodecParams.Image) {
            boolean picture = point.index() == 0
                    && contract.preprocessing() != null
                    && contract.preprocessing().input().equals(spec.name());
            return picture ? null : "image only for the preprocessed input, at point 0";
        }
        return CodecRules.boundaryMisfit(codec, spec);
    }

    private void checkQuantization(TensorSpec spec, Quantization quantization) throws BundleException {
        String thing = "quantized form of tensor " + BundleException.quote(spec.name());
        if (point.index() == 0 || !spec.type().isFloating()) {
            throw wrong(
                    thing,
                    quantization.type().jsonName() + " for " + spec.type().jsonName(),
                    "one for floats that a head made");
        }
        int scales = quantization.scale().size();
        if (quantization.zeroPoint().size() != scales
                || !(quantization.axis() == Quantization.PER_TENSOR && scales == 1)
                        && !CodecRules.fits(quantization.axis(), scales, spec.shape())) {
            throw wrong(
                    thing,
                    scales + " scales, " + quantization.zeroPoint().size() + " zero points on axis "
                            + quantization.axis(),
                    "one of each per index of an axis, or on axis -1 one");
        }
        for (float scale : quantization.scale()) {
            if (!(scale > 0) || Float.isInfinite(scale)) {
                throw wrong(thing, "of scale " + scale, "a positive scale");
            }
        }
        long low = lowest(quantization.type());
        long high = highest(quantization.type());
        for (int zeroPoint : quantization.zeroPoint()) {
            if (zeroPoint < low || zeroPoint > high) {
                throw wrong(
                        thing,
                        "of zero point " + zeroPoint,
                        high < low ? "an integer of 8 or 16 bits" : low + " to " + high);
            }
        }
    }

    /** Higher than {@link #highest} for types that quantisation does not use. */
    private static long lowest(ElementType type) {
        switch (type) {
            case INT8:
                return Byte.MIN_VALUE;
            case INT16:
                return Short.MIN_VALUE;
            default:
                return 0;
        }
    }

    private static long highest(ElementType type) {
        switch (type) {
            case INT8:
                return Byte.MAX_VALUE;
            case INT16:
                return Short.MAX_VALUE;
            case UINT8:
                return 0xff;
            case UINT16:
                return 0xffff;
            default:
                return -1;
        }
    }

    private BundleException wrong(String thing, Object value, String expected) {
        return ContractRules.wrong("point " + point.index() + ": " + thing, value, expected);
    }
}
