/** Files that are put into a folder, answered one after another, each once. */
package dev.cleave.cli.daemon.watch;
