/** What it costs in bytes, answers and time to send the boundary of any cut, found before a ladder is chosen. */
package dev.cleave.partition.survey;
