/** What finding the cheapest placement costs. */
package dev.cleave.benchmarks.placement;
