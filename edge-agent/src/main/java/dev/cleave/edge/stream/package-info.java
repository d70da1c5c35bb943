/** What becomes of the frames of a stream: their order, which may start, which give way. Pure. */
package dev.cleave.edge.stream;
