/** What the daemon's sources share: the agent that answers, the order of answers, how a source begins and ends. */
package dev.cleave.cli.daemon.request;
