/** Verbs that make tokens and keys, and that sign and seal bundles. */
package dev.cleave.cli.trust;
