/** The engine interface over TensorFlow Lite's C++ interpreter with XNNPACK, for JVMs on Linux. */
package dev.cleave.engine.tflite.jvm;
