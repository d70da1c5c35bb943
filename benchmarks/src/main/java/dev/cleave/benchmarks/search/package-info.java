/** How long it takes to plan, measurements apart, and to decide again. */
package dev.cleave.benchmarks.search;
