/** The integer form of a float model that devices run, and whether it is worth it. */
package dev.cleave.partition.edge;
