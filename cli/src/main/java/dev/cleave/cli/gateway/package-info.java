/** The verb that runs a gateway. */
package dev.cleave.cli.gateway;
