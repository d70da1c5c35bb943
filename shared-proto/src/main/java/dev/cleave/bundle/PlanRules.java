package dev.cleave.bundle;

import dev.cleave.bundle.PlanTable.PlanRow;

/** What a plan's table must fulfil to belong to a contract. */
final class PlanRules {
    private PlanRules() {}

    /**
     * @param plan or null, which fits any contract
     * @throws BundleException naming the row, the value and the expectation
     */
    static void check(PlanTable plan, Contract contract) throws BundleException {
        if (plan == null) {
            return;
        }
        for (PlanRow row : plan.rows()) {
            if (row.point() > contract.local()) {
                throw new BundleException(BundlePath.MANIFEST + ": plan has a row for point " + row.point()
                        + "; expected points of the contract, 0 to " + contract.local());
            }
            if (row.point() == contract.local()) {
                checkLocal(row);
            } else if (row.isLocal()) {
                throw wrong(row.point(), "wireBytes", row.wireBytes(), "more than 0 at a point before LOCAL");
            }
        }
    }

    /** Where nothing crosses nothing is coded, run elsewhere or sent back. */
    private static void checkLocal(PlanRow row) throws BundleException {
        checkNone(row, "encodeMillis", row.encodeMillis());
        checkNone(row, "decodeMillis", row.decodeMillis());
        checkNone(row, "tailMillis", row.tailMillis());
        checkNone(row, "wireBytes", row.wireBytes());
        checkNone(row, "replyBytes", row.replyBytes());
    }

    private static void checkNone(PlanRow row, String key, double value) throws BundleException {
        if (value != 0) {
            throw wrong(row.point(), key, value, "0 at LOCAL");
        }
    }

    private static BundleException wrong(int point, String key, double value, String expected) {
        return new BundleException(BundlePath.MANIFEST + ": " + key + " of plan row for point " + point + " is "
                + DecimalText.of(value) + "; expected " + expected);
    }
}
