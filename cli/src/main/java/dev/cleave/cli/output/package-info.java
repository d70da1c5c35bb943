/** What a verb prints: tables and progress for people, one JSON document for scripts. */
package dev.cleave.cli.output;
