/** Graphs as providers compiled them, kept over restarts. docs/EXECUTION.md, "Compiled graphs". */
package dev.cleave.gateway.compiled;
