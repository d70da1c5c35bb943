package dev.cleave.gateway.limit;

/** What a limit has to know of the batches that its requests run in. Read at any time, on any thread. */
public interface BatchFacts {
    /** Beyond which a batch finishes no more rows per time; at least 1. */
    int rowsThatPay();

    /** Expected duration of a batch of that many rows; 0 while nothing is known. */
    long runNanos();
}
