package dev.cleave.gateway.oip;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What the protocol tells of a server.
 *
 * @param version of this release
 * @param ready whether a request would be taken now
 */
public record ServerFacts(String version, BooleanSupplier ready) {
    public static final String NAME = "cleave-gateway";

    /** As Triton calls them: tensors as bytes behind JSON; priority and timeout. */
    public static final List<String> EXTENSIONS = List.of("binary_tensor_data", "schedule_policy");
}
