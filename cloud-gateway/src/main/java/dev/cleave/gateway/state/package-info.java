/** State of stateful models: what the gateway keeps for the frames of a stream from one to the next. */
package dev.cleave.gateway.state;
