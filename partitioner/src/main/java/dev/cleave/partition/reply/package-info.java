/** How the outputs of a model are coded on the way back: what people ask for, and what is safe without being asked. */
package dev.cleave.partition.reply;
