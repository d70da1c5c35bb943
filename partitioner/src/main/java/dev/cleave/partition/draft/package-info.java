/** Bundles whose quality levels are not decided yet: what a ladder is measured on before it is written. */
package dev.cleave.partition.draft;
