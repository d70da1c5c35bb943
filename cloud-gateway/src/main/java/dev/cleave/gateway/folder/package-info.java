/** Folders of the gateway's own in places that others can write to: whose they are, and how they are removed. */
package dev.cleave.gateway.folder;
