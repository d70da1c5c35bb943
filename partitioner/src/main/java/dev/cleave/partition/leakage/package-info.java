/** How much of the input what crosses a cut still tells: distance correlation over samples. */
package dev.cleave.partition.leakage;
