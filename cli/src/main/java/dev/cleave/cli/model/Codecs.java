package dev.cleave.cli.model;

import dev.cleave.codec.CodecParams;
import java.util.List;
import java.util.stream.Collectors;

/** Names of codec parameters for people and scripts. */
final class Codecs {
    private Codecs() {}

    /** {@code quant:12/channel}, {@code raw}; several joined by {@code +} unless all are the same. */
    static String describe(List<CodecParams> params) {
        List<String> names = params.stream().map(Codecs::describe).distinct().toList();
        return names.stream().collect(Collectors.joining("+"));
    }

    private static String describe(CodecParams params) {
        if (params instanceof CodecParams.Quant quant) {
            boolean perTensor = quant.axis() == CodecParams.Quant.PER_TENSOR;
            return "quant:" + quant.levels() + (perTensor ? "/tensor" : "/channel");
        }
        return params.codec();
    }
}
