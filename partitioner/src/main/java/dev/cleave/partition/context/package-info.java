/** Learns the models of the entropy coder {@code context} from symbols of sample inputs. docs/CODING.md. */
package dev.cleave.partition.context;
