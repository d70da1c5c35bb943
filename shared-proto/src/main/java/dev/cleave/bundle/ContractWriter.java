package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Quantization;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Writes {@code contract.json}: one line, fixed key order, numbers as {@link DecimalText}. */
final class ContractWriter {
    /** Writes one element of a list. */
    private interface Element<T> {
        void write(T value) throws IOException;
    }

    private final JsonWriter json;

    private ContractWriter(JsonWriter json) {
        this.json = json;
    }

    static byte[] write(Contract contract) {
        StringWriter text = new StringWriter();
        try {
            JsonWriter json = new JsonWriter(text);
            new ContractWriter(json).contract(contract);
            json.flush();
        } catch (IOException impossible) {
            throw new IllegalStateException("a StringWriter does not fail", impossible);
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private void contract(Contract contract) throws IOException {
        json.beginObject();
        json.name("formatVersion").value(Contract.FORMAT_VERSION);
        json.name("modelName").value(contract.modelName());
        json.name("modelVersion").value(contract.modelVersion());
        json.name("sourceDigest").value(contract.sourceDigest());
        json.name("precision").value(contract.precision());
        json.name("edgePrecision").value(contract.edgePrecision());
        list("inputs", contract.inputs(), this::spec);
        list("outputs", contract.outputs(), this::spec);
        list("replies", contract.replies(), this::codec);
        list("labels", contract.labels(), json::value);
        json.name("preprocessing");
        if (contract.preprocessing() == null) {
            json.nullValue();
        } else {
            contract.preprocessing().write(json);
        }
        json.name("maxBatch").value(contract.maxBatch());
        json.name("batchReason").value(contract.batchReason());
        list("points", contract.points(), this::point);
        list("state", contract.state(), this::state);
        json.name("privacyFloor").value(contract.privacyFloor());
        list("files", contract.files(), this::file);
        list("weightPrefixes", contract.weightPrefixes(), this::weightPrefix);
        json.endObject();
    }

    private <T> void list(String key, List<T> values, Element<T> element) throws IOException {
        json.name(key).beginArray();
        for (T value : values) {
            element.write(value);
        }
        json.endArray();
    }

    private void spec(TensorSpec spec) throws IOException {
        json.beginObject();
        specKeys(spec);
        json.endObject();
    }

    private void specKeys(TensorSpec spec) throws IOException {
        json.name("name").value(spec.name());
        json.name("type").value(spec.type().jsonName());
        json.name("shape").beginArray();
        for (long dim : spec.shape().dims()) {
            if (dim == Shape.BATCH) {
                json.value("N");
            } else if (dim == Shape.DYNAMIC) {
                json.value("?");
            } else {
                json.value(dim);
            }
        }
        json.endArray();
    }

    private void point(LadderPoint point) throws IOException {
        json.beginObject();
        json.name("index").value(point.index());
        list("boundary", point.boundary(), this::boundaryTensor);
        list("earlyOutputs", point.earlyOutputs(), json::value);
        list("levels", point.levels(), this::level);
        json.endObject();
    }

    private void boundaryTensor(BoundaryTensor tensor) throws IOException {
        json.beginObject();
        specKeys(tensor.spec());
        json.name("quantized");
        if (tensor.quantized() == null) {
            json.nullValue();
        } else {
            quantization(tensor.quantized());
        }
        json.endObject();
    }

    private void quantization(Quantization quantization) throws IOException {
        json.beginObject();
        json.name("type").value(quantization.type().jsonName());
        list("scale", quantization.scale(), scale -> json.jsonValue(DecimalText.of(scale)));
        list("zeroPoint", quantization.zeroPoint(), json::value);
        json.name("axis").value(quantization.axis());
        json.endObject();
    }

    private void level(QualityLevel level) throws IOException {
        json.beginObject();
        json.name("name").value(level.name());
        list("codecs", level.codecs(), this::codec);
        json.endObject();
    }

    private void codec(CodecParams params) throws IOException {
        json.beginObject();
        json.name("codec").value(params.codec());
        if (params instanceof CodecParams.TopK) {
            json.name("k").value(((CodecParams.TopK) params).k());
        }
        if (params instanceof CodecParams.Quant) {
            CodecParams.Quant quant = (CodecParams.Quant) params;
            json.name("levels").value(quant.levels());
            json.name("axis").value(quant.axis());
            json.name("low").beginArray();
            for (int i = 0; i < quant.ranges(); i++) {
                json.jsonValue(DecimalText.of(quant.low(i)));
            }
            json.endArray();
            json.name("high").beginArray();
            for (int i = 0; i < quant.ranges(); i++) {
                json.jsonValue(DecimalText.of(quant.high(i)));
            }
            json.endArray();
            if (quant.context() != null) {
                json.name("context");
                ContextModelJson.write(json, quant.context());
            }
        }
        json.endObject();
    }

    private void state(StateTensor state) throws IOException {
        json.beginObject();
        json.name("input").value(state.input());
        json.name("output").value(state.output());
        json.name("side").value(state.side().name().toLowerCase(Locale.ROOT));
        json.endObject();
    }

    private void file(FileDigest file) throws IOException {
        json.beginObject();
        json.name("path").value(file.path());
        json.name("size").value(file.size());
        json.name("sha256").value(file.sha256());
        json.endObject();
    }

    private void weightPrefix(WeightPrefix prefix) throws IOException {
        json.beginObject();
        json.name("path").value(prefix.path());
        json.name("point").value(prefix.point());
        json.name("size").value(prefix.size());
        json.name("sha256").value(prefix.sha256());
        json.endObject();
    }
}
