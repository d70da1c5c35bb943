/**
 * Certificates and keys in PEM files, read again while they are in use: a renewed certificate is shown in the next
 * handshake, and connections that are open stay open. The same for agent and gateway.
 */
package dev.cleave.tls;
