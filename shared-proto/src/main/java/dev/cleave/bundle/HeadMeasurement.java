package dev.cleave.bundle;

import dev.cleave.engine.GraphFormat;

/**
 * What the head of one point gave in another form than ONNX's, beside the same head in ONNX, on the same inputs. Immutable.
 *
 * @param format of the head's segments
 * @param engine that ran them, its name and version
 * @param point 1..k+1; k+1: all segments, LOCAL
 * @param agreement share of inputs with the same answer as the unsplit model, the boundary coded at the default quality
 *     level; 0..1
 * @param onnxAgreement the same of the head in ONNX
 * @param alike share of inputs with the same answer as with the head in ONNX, whatever that is; 0..1
 * @param maxRelativeError of any tensor that the head makes, against the head in ONNX, uncoded and as real numbers:
 *     {@code max|a-b| / max(max|b|, 1e-6)}; infinite where numbers were lost
 * @param inputs number of inputs that this rests on
 */
public record HeadMeasurement(
        GraphFormat format,
        String engine,
        int point,
        double agreement,
        double onnxAgreement,
        double alike,
        double maxRelativeError,
        int inputs) {}
