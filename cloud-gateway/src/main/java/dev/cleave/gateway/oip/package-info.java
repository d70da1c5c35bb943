/** The Open Inference Protocol, version 2, whatever it is spoken over: names, requests, and their way through the gateway. docs/OIP.md. */
package dev.cleave.gateway.oip;
