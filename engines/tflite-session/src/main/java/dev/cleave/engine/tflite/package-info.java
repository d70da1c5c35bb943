/**
 * What both engines of TensorFlow Lite share: the check of a graph, and sessions over interpreters that serve one thread
 * and one set of shapes at a time. No native code.
 */
package dev.cleave.engine.tflite;
