/** Where to cut: what every candidate costs, and which one is best for a link, an objective and its constraints. */
package dev.cleave.partition.plan;
