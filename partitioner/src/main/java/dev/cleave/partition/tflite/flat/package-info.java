/** TensorFlow Lite's side of a conversion: tensors, operators and their options, and the flatbuffer that they make. */
package dev.cleave.partition.tflite.flat;
