/** The verb {@code agent}: an agent that answers files, lines and HTTP requests until it is told to end. */
package dev.cleave.cli.daemon;
