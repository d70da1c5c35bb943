/** Bad input to every verb: one line that names the thing, the value and the expectation, and the right exit code. */
package dev.cleave.cli.refusal;
