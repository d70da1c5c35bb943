package dev.cleave.cli.demo.lines;

import dev.cleave.picture.Picture;

/**
 * A line of text and a picture of it.
 *
 * @param text printable ASCII
 * @param picture {@link LineRenderer#WIDTH} x {@link LineRenderer#HEIGHT}
 */
public record Line(String text, Picture picture) {}
