/** Boundaries of videos: what the gateway holds of them, so that agents can send the next as what has changed. */
package dev.cleave.gateway.video;
