/** Verbs that run an edge agent: infer, and load to put many of them to work. */
package dev.cleave.cli.agent;
