/**
 * The engine interface over {@code org.tensorflow.lite.Interpreter}, for Android. Uses only what versions 2.6 to 2.16 of
 * that interface have in common, so that its tests can run on a JVM, where there is no newer one.
 */
package dev.cleave.engine.tflite.android;
