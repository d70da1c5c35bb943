/** What every verb has in common: its global options, its terminal, its logging. */
package dev.cleave.cli.verb;
