/** ONNX graphs as TensorFlow Lite flatbuffers, with the same inputs and outputs. */
package dev.cleave.partition.tflite;
