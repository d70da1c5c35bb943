/** The coder {@code temporal}: symbols as what has changed since an earlier tensor that both sides hold. docs/CODING.md. */
package dev.cleave.codec.temporal;
