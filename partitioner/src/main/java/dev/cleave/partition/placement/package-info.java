/** The cheapest way to place the nodes of a directed acyclic graph on two sides; pure, and knows nothing of models. */
package dev.cleave.partition.placement;
