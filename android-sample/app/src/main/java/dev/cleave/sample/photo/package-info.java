/** The photo that is asked about: picked or taken, kept as a private file, decoded upright. */
package dev.cleave.sample.photo;
