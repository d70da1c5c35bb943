/** The options that say which inputs a verb runs on, and those inputs as a model takes them. */
package dev.cleave.cli.samples;
