/** What is seen: the photo with its answer and where its time went, and the settings. */
package dev.cleave.sample.screen;
