package dev.cleave.benchmarks.engines;

import java.util.List;

/**
 * One model in both formats, converted by its makers: the same weights, other names, images channels-last in the one.
 *
 * @param onnx path below the folder of the material
 * @param tflite path below the folder of the material
 * @param sameNumbers whether both compute in floats; quantised twins were quantised separately, so that only their times
 *     compare
 */
record Twin(String name, String onnx, String tflite, boolean sameNumbers) {
    static List<Twin> all() {
        return List.of(
                floats("mobilenet_v1_025", "mobilenet_v1_025_224_fp32", "mobilenet_v1_0.25_224_float"),
                floats("resnet8", "mlperf_tiny_resnet8_cifar10_fp32", "mlperf_tiny_pretrainedResnet"),
                floats("vww", "mlperf_tiny_vww_96_fp32", "mlperf_tiny_vww_96_float"),
                floats("ad01", "mlperf_tiny_ad01_fp32", "mlperf_tiny_ad01_fp32"),
                floats("dtln_1", "dtln_1", "dtln_1"),
                floats("dtln_2", "dtln_2", "dtln_2"),
                integers("mobilenet_v2 int8", "tf2_mobilenet_v2_qdq_int8", "tf2_mobilenet_v2_1.0_224_ptq"),
                integers("resnet8 int8", "mlperf_tiny_resnet8_cifar10_qdq_int8", "mlperf_tiny_pretrainedResnet_quant"));
    }

    private static Twin floats(String name, String onnx, String tflite) {
        return new Twin(name, "models/" + onnx + ".onnx", "tflite/" + tflite + ".tflite", true);
    }

    private static Twin integers(String name, String onnx, String tflite) {
        return new Twin(name, "models/" + onnx + ".onnx", "tflite/" + tflite + ".tflite", false);
    }
}
