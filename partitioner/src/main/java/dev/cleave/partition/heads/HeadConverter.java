package dev.cleave.partition.heads;

import dev.cleave.bundle.Contract;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.heads.ConvertedHeads.Obstacle;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.tflite.TfLiteConverter;
import dev.cleave.partition.tflite.UnconvertibleException;
import java.util.ArrayList;
import java.util.List;

/**
 * Converts the segments of a ladder one after another, until one cannot be converted or is not taken by TensorFlow Lite.
 * What comes behind it is not looked at: a head is a run of segments in one form.
 */
public final class HeadConverter {
    private final TfLiteConverter converter;
    private final Engine lite;
    private final Progress progress;

    /**
     * @param onnx for ONNX graphs; stays the caller's
     * @param lite that has to take what was converted; stays the caller's; null if there is none here
     */
    public HeadConverter(Engine onnx, Engine lite, Progress progress) {
        this.converter = new TfLiteConverter(onnx);
        this.lite = lite;
        this.progress = progress;
    }

    /** @param segments of what devices run, in ONNX, from the first on */
    public ConvertedHeads convert(List<GraphSource> segments) {
        progress.begin("convert heads", segments.size());
        List<byte[]> converted = new ArrayList<>();
        Obstacle obstacle = null;
        for (int i = 0; i < segments.size() && obstacle == null; i++) {
            try {
                converted.add(accepted(segments.get(i), converter.convert(segments.get(i))));
            } catch (UnconvertibleException refused) {
                obstacle = new Obstacle(i, refused.operator(), refused.getMessage());
            } catch (ModelException | EngineException refused) {
                obstacle = new Obstacle(i, "", ModelException.oneLine(refused.getMessage()));
            }
            progress.step();
        }
        return new ConvertedHeads(converted, segments.size(), obstacle, List.of());
    }

    private byte[] accepted(GraphSource segment, byte[] flatbuffer) throws UnconvertibleException, EngineException {
        if (flatbuffer.length > Contract.MAX_GRAPH_BYTES) {
            throw new UnconvertibleException(
                    "",
                    "it has " + flatbuffer.length + " bytes with its weights; expected at most "
                            + Contract.MAX_GRAPH_BYTES);
        }
        if (lite != null) {
            lite.load(new GraphSource(segment.label() + ".tflite", flatbuffer), SessionOptions.defaults())
                    .close();
        }
        return flatbuffer;
    }
}
