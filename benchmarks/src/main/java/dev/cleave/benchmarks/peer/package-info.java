/** A gateway beside another model server on the same model. */
package dev.cleave.benchmarks.peer;
