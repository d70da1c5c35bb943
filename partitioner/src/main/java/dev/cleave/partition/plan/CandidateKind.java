package dev.cleave.partition.plan;

/** Where the network of a candidate runs. */
public enum CandidateKind {
    /** All of it on the device; nothing crosses. */
    LOCAL("local"),
    /** The head on the device, the tail on the gateway. */
    SPLIT("split"),
    /** All of it on the gateway; the inputs cross as they are, pictures as packed 8-bit pixels. */
    CLOUD_RAW("cloud-raw"),
    /** All of it on the gateway; the inputs cross compressed, pictures as JPEG. */
    CLOUD_COMPRESSED("cloud-compressed");

    private final String jsonName;

    CandidateKind(String jsonName) {
        this.jsonName = jsonName;
    }

    public String jsonName() {
        return jsonName;
    }
}
