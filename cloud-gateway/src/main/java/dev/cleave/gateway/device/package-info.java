/** The GPUs of the machine: which there are, and by which index a provider knows them. docs/EXECUTION.md, "Devices". */
package dev.cleave.gateway.device;
