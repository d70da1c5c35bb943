package dev.cleave.cli.model;

import dev.cleave.answer.Proportion;
import java.util.Locale;

/** Shares as people read them; null, which a table prints as a dash, for nothing known. Pure. */
final class ShareText {
    private ShareText() {}

    /** {@code 98.0 %}. */
    static String of(double share) {
        return Double.isNaN(share) ? null : String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    /** {@code 98.0 % (93.0-99.4)}: with the 95 % interval. */
    static String of(Proportion proportion) {
        return proportion.of() == 0
                ? null
                : String.format(
                        Locale.ROOT,
                        "%.1f %% (%.1f-%.1f)",
                        proportion.share() * 100,
                        proportion.low() * 100,
                        proportion.high() * 100);
    }

    /** With its interval, where it is known of how many inputs the share is; they are 0 where it is not. */
    static String of(double share, int inputs) {
        return inputs == 0 ? of(share) : of(Proportion.ofShare(share, inputs));
    }
}
