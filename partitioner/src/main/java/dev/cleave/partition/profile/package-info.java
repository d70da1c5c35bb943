/** How long a model's parts take on one machine with one engine, and how much memory they need. */
package dev.cleave.partition.profile;
