/**
 * Keys, and the service that signs and seals with them. No cipher is in here: a module on the class path brings them, as
 * engines are brought ({@code cleave-sealing}, over Tink).
 */
package dev.cleave.crypto;
