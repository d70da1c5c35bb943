/** What it costs a gateway to decide who runs with whom, and what it gains. */
package dev.cleave.benchmarks.batch;
