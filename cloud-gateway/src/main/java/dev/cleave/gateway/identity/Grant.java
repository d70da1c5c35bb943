package dev.cleave.gateway.identity;

import java.util.List;

/**
 * What a device may do, as a tokens file says.
 *
 * @param models names, or beginnings of names with {@code *} behind; empty: all
 * @param requests null: as many as it likes
 * @param burst requests at once; of no meaning without a rate
 * @param bytes of what it sends in requests, a second's worth at once; null: as many as it likes
 * @param streams open at a time; 0: as many as it likes
 */
record Grant(List<String> models, Rate requests, long burst, Rate bytes, int streams) {
    /** Everything. */
    static final Grant ALL = new Grant(List.of(), null, 0, null, 0);

    private static final long BURST_NANOS = 1_000_000_000L;

    Grant {
        models = List.copyOf(models);
    }

    boolean isAll() {
        return equals(ALL);
    }

    boolean allows(String model) {
        for (String each : models) {
            boolean isPattern = each.endsWith("*");
            if (isPattern ? model.startsWith(each.substring(0, each.length() - 1)) : model.equals(each)) {
                return true;
            }
        }
        return models.isEmpty();
    }

    /** How much time's worth of requests may come at once. */
    long requestDepthNanos() {
        return requests.nanosOfEach(burst);
    }

    long byteDepthNanos() {
        return BURST_NANOS;
    }
}
