/** Verbs over models and bundles: inspect, split, verify. */
package dev.cleave.cli.model;
