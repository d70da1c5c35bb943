/** Requests as lines of text: a path, or a JSON object. */
package dev.cleave.cli.daemon.lines;
