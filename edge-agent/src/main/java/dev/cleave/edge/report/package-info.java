/** What an agent tells its gateway of the requests it had: counts and quantiles, now and then. */
package dev.cleave.edge.report;
