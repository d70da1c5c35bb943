/** What an agent is like in the field: on links that change and break, on gateways that stall, over long times. */
package dev.cleave.benchmarks.field;
