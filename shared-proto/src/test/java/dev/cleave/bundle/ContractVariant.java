package dev.cleave.bundle;

import java.util.List;

/** Contracts that differ from others in one respect. */
public final class ContractVariant {
    private ContractVariant() {}

    /** The same of another name. */
    public static Contract named(Contract contract, String name) {
        return of(contract, name, contract.files(), contract.weightPrefixes());
    }

    /** The same with other files. */
    public static Contract withFiles(Contract contract, List<FileDigest> files) {
        return withFiles(contract, files, contract.weightPrefixes());
    }

    /** The same with other files, weights among them. */
    public static Contract withFiles(Contract contract, List<FileDigest> files, List<WeightPrefix> prefixes) {
        return of(contract, contract.modelName(), files, prefixes);
    }

    private static Contract of(Contract contract, String name, List<FileDigest> files, List<WeightPrefix> prefixes) {
        return new Contract(
                name,
                contract.modelVersion(),
                contract.sourceDigest(),
                contract.precision(),
                contract.edgePrecision(),
                contract.inputs(),
                contract.outputs(),
                contract.replies(),
                contract.labels(),
                contract.preprocessing(),
                contract.maxBatch(),
                contract.batchReason(),
                contract.points(),
                contract.state(),
                contract.privacyFloor(),
                files,
                prefixes);
    }
}
