/** An app that asks an agent what is in a photo. Its packages: the agent and its service, photos, screens. */
package dev.cleave.sample;
