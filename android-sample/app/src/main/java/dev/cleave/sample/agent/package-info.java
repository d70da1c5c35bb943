/** The app's one agent: its settings, the bundle it runs, the service that owns it, and what it answered. */
package dev.cleave.sample.agent;
