/** Answers of the gateway compared with those of a second run, on a budget: what is compared, and how much. docs/AGENT.md. */
package dev.cleave.edge.shadow;
