/** How much of the gateway's memory requests may hold, and agents may have held for them from one frame to the next. */
package dev.cleave.gateway.memory;
