/** How much of the gateway's memory agents may have held for them from one frame to the next. */
package dev.cleave.gateway.memory;
