/** A float model in 16-bit floats, for engines that are fast at them: what is safe in them, and the tails of a ladder. */
package dev.cleave.partition.half;
