package dev.cleave.cli.daemon.request;

import dev.cleave.cli.failure.OneLine;

/** The JSON object for a request without an answer: what was asked, and one line of why. */
public record FailureLine(String input, String error) {
    public static FailureLine of(String input, Throwable failure) {
        return new FailureLine(input, OneLine.of(failure));
    }
}
