/** Which networks this machine is on, and when it has come to another one. */
package dev.cleave.cli.daemon.network;
