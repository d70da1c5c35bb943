/** The entropy coder {@code context}: what a symbol's neighbours say about it, and interleaved rANS. docs/CODING.md. */
package dev.cleave.codec.context;
