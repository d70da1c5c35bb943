/** ONNX Runtime and TensorFlow Lite on the same weights: how far their answers are apart, and how long they take. */
package dev.cleave.benchmarks.engines;
