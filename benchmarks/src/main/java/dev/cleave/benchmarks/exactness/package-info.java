/** Whether head and tail compute what the uncut model does, at every legal cut. */
package dev.cleave.benchmarks.exactness;
