/** How far what a planner predicts is from what it then measures. */
package dev.cleave.benchmarks.prediction;
