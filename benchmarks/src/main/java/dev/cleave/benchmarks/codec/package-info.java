/** What coding an activation costs. */
package dev.cleave.benchmarks.codec;
