/** The Open Inference Protocol over HTTP. */
package dev.cleave.gateway.oip.http;
