/** Starting other processes of this program. */
package dev.cleave.cli.process;
