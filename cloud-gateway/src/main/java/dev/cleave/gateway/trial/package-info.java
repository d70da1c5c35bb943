/** Models tried in a process of their own before the gateway loads them: what crashes, hangs or eats memory does so there. */
package dev.cleave.gateway.trial;
