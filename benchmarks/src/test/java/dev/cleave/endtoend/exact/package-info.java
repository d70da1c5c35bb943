/** Whether cutting a real model changes what it computes: {@code split}, then {@code verify --against}. */
package dev.cleave.endtoend.exact;
