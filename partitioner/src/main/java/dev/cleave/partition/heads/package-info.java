/** Heads for TensorFlow Lite beside those in ONNX: converted segment by segment, and held against them at every point. */
package dev.cleave.partition.heads;
