/** Inputs from files: pictures, NumPy arrays, ONNX tensors, and the labels that belong to them. */
package dev.cleave.cli.inputs;
