/** What it costs an agent to choose a point. */
package dev.cleave.benchmarks.policy;
