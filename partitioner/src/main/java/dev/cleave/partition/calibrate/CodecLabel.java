package dev.cleave.partition.calibrate;

import dev.cleave.codec.CodecParams;
import java.util.List;
import java.util.stream.Collectors;

/** Names of codec parameters for people and scripts. */
public final class CodecLabel {
    private CodecLabel() {}

    /** {@code quant:12/channel/context}, {@code raw}; several joined by {@code +} unless all are the same. */
    public static String of(List<CodecParams> params) {
        return params.stream().map(CodecLabel::of).distinct().collect(Collectors.joining("+"));
    }

    private static String of(CodecParams params) {
        if (params instanceof CodecParams.Quant quant) {
            boolean perTensor = quant.axis() == CodecParams.Quant.PER_TENSOR;
            return "quant:" + quant.levels()
                    + (perTensor ? "/tensor" : "/channel")
                    + (quant.context() == null ? "" : "/context");
        }
        if (params instanceof CodecParams.TopK topK) {
            return "topk:" + topK.k();
        }
        return params.codec();
    }
}
