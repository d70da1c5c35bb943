/** Newer versions of the model, fetched from the gateway, tried and kept or given back. docs/AGENT.md, "Updates". */
package dev.cleave.edge.update;
