/** Sizes, rates, times and addresses as the command line writes and prints them. */
package dev.cleave.cli.units;
