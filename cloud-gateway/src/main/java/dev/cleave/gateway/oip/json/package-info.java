/** Infer requests and responses of the Open Inference Protocol as JSON, with or without tensors as bytes behind it. */
package dev.cleave.gateway.oip.json;
