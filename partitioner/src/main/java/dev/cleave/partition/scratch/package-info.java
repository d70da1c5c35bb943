/** Temporary files of long jobs. */
package dev.cleave.partition.scratch;
