/** Infer requests and answers of the Open Inference Protocol, version 2, as JSON with or without binary tensors. */
package dev.cleave.cli.daemon.oip;
