/** Processes that measurements run beside themselves. */
package dev.cleave.benchmarks.process;
