/** How boundaries and answers are distributed on sample inputs, for whoever watches them in service. */
package dev.cleave.partition.reference;
