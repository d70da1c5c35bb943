/** Which versions of which models are loaded: found in a folder, decided upon, loaded, drained, freed. docs/REPOSITORY.md. */
package dev.cleave.gateway.repository;
