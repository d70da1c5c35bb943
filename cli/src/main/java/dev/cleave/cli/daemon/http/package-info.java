/** A small HTTP server for applications on the same device, in whatever language. */
package dev.cleave.cli.daemon.http;
