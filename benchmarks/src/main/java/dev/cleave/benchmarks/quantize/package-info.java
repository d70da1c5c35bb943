/** What 8-bit integers cost in answers and save in bytes and time, measured on real models. */
package dev.cleave.benchmarks.quantize;
