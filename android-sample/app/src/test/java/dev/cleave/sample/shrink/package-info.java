/** What R8 makes of the app. */
package dev.cleave.sample.shrink;
