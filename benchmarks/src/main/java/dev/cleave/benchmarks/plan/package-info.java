/** Whether plans hold: against an exhaustive oracle, against real round trips, and what a ladder costs. */
package dev.cleave.benchmarks.plan;
