/** How many requests of a model are taken in at a time. */
package dev.cleave.gateway.limit;
