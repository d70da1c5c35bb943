/** {@code cleave demo}: the whole thing in one command. */
package dev.cleave.cli.demo;
