/** {@link dev.cleave.crypto.Cryptography} over Tink: Ed25519 and streaming AES-GCM, the same from Android 26 on. */
package dev.cleave.sealing;
