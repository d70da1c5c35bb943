/** Which engine runs a head fastest on this device, and the file that remembers it: {@code device.json}. */
package dev.cleave.edge.device;
