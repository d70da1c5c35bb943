/** Whether two runs of a model gave the same answer, how far they are apart, and what a count of them says. */
package dev.cleave.answer;
