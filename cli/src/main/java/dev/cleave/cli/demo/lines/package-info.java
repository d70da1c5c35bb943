/**
 * The demo's inputs and answers: lines of text drawn in several fonts, so that the right text is known, and what a
 * text recogniser's output says.
 */
package dev.cleave.cli.demo.lines;
