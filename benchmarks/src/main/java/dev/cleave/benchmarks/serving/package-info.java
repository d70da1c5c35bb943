/** Gateways under many frames, without agents between: frames are sent as they are, and when somebody says. */
package dev.cleave.benchmarks.serving;
