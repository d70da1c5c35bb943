/** The Open Inference Protocol over gRPC. */
package dev.cleave.gateway.oip.grpc;
