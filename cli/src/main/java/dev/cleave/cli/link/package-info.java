/** The link shaper: a TCP relay that behaves like a slow, distant, sometimes broken link, without root. */
package dev.cleave.cli.link;
