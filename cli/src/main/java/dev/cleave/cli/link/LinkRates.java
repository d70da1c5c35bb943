package dev.cleave.cli.link;

import dev.cleave.cli.units.BitRate;
import dev.cleave.cli.units.TimeSpan;
import java.time.Duration;
import java.util.Objects;

/**
 * What a link can do.
 *
 * @param uplink rate from the connecting side to the target
 * @param downlink rate from the target back
 * @param rtt propagation there and back; half of it each way
 */
public record LinkRates(BitRate uplink, BitRate downlink, Duration rtt) {
    public LinkRates {
        Objects.requireNonNull(uplink, "uplink");
        Objects.requireNonNull(downlink, "downlink");
        if (rtt.isNegative()) {
            throw new IllegalArgumentException("round-trip time of " + rtt + "; expected zero or more");
        }
    }

    @Override
    public String toString() {
        return "up " + uplink + ", down " + downlink + ", rtt " + TimeSpan.format(rtt);
    }
}
