/** What ends a verb early, and how that becomes one line and an exit code. */
package dev.cleave.cli.failure;
