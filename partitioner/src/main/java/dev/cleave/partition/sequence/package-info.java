/** Samples of stateful models: the state that the unsplit model carries from each to the next. */
package dev.cleave.partition.sequence;
