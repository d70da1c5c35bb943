/** A plan for people and for scripts: one page that stands alone, and the document behind it. */
package dev.cleave.partition.report;
