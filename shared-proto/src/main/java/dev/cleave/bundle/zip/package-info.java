/**
 * Zip files whose entries are stored, never compressed, and so aligned that they can be mapped. Format: PKWARE APPNOTE
 * 6.3, sections 4.3 (records) and 4.5.3 (zip64). Knows nothing of bundles.
 */
package dev.cleave.bundle.zip;
