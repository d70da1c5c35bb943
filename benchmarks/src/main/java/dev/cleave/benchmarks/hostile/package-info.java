/** A real gateway under attack, with a well-behaved agent beside it. */
package dev.cleave.benchmarks.hostile;
