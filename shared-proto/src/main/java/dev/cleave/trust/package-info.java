/** Which bundles are believed: signed by a trusted key, and no older than what was accepted before. docs/SECURITY.md. */
package dev.cleave.trust;
