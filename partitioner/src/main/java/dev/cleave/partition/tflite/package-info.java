/**
 * ONNX graphs as TensorFlow Lite flatbuffers, with the same inputs and outputs. One class for each family of operators,
 * which is why there are so many.
 */
package dev.cleave.partition.tflite;
