/** A float model in 8-bit integers: calibrated, per channel, with the fewest nodes left in float that keep its answers. */
package dev.cleave.partition.quantize;
