/** How far estimates of leakage can be trusted, and what they are for models. */
package dev.cleave.benchmarks.leakage;
