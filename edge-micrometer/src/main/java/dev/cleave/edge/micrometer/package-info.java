/** What an agent does, as Micrometer meters; for a JVM, not for Android. */
package dev.cleave.edge.micrometer;
