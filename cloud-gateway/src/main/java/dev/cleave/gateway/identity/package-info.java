/**
 * Who the gateway is and which devices it lets in: certificates, bearer tokens, and the files that both come from, read
 * again while it runs. docs/SECURITY.md.
 */
package dev.cleave.gateway.identity;
