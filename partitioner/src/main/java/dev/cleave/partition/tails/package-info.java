/** Tails of another precision than the bundle's own, against the unsplit model. */
package dev.cleave.partition.tails;
