package dev.cleave.endtoend;

import dev.cleave.cli.link.LinkRates;
import dev.cleave.cli.units.BitRate;
import java.time.Duration;

/** Shaped links. */
final class Links {
    private Links() {}

    /** 5.85 Mbit/s each way and 50 ms there and back: mean upload of a 4G network. */
    static final LinkRates CELLULAR = symmetric("5.85mbit", Duration.ofMillis(50));

    static LinkRates symmetric(String rate, Duration rtt) {
        return new LinkRates(BitRate.parse(rate), BitRate.parse(rate), rtt);
    }
}
