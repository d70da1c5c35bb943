/** Who a device is to a gateway, and which gateways it believes: TLS and bearer tokens. docs/SECURITY.md. */
package dev.cleave.edge.identity;
