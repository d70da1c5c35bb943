/** The port by which operators list, load, unload, label and push models; docs/SECURITY.md says who may. */
package dev.cleave.gateway.admin;
