package dev.cleave.partition.draft;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.segment.SegmentChain;
import java.io.IOException;

/** A draft, or any full bundle, whose segments are loaded, ready to be measured. Owns the segments; one thread. */
public final class DraftRun implements AutoCloseable {
    private final Bundle bundle;
    private final Contract contract;
    private final SegmentChain heads;
    private final SegmentChain tails;
    private final RoundTrip roundTrip;

    private DraftRun(Bundle bundle, SegmentChain heads, SegmentChain tails) {
        this.bundle = bundle;
        this.contract = bundle.contract();
        this.heads = heads;
        this.tails = tails;
        this.roundTrip = new RoundTrip(contract, heads, tails, PictureCodecs.find());
    }

    /** Loads all segments, of the device's precision and of the contract's. */
    public static DraftRun load(Bundle bundle, Engine engine, SessionOptions options)
            throws IOException, EngineException {
        Contract contract = bundle.contract();
        SegmentChain tails = chain(bundle, engine, options, contract.precision());
        if (contract.edgePrecision().equals(contract.precision())) {
            return new DraftRun(bundle, tails, tails);
        }
        boolean complete = false;
        try {
            DraftRun run = new DraftRun(bundle, chain(bundle, engine, options, contract.edgePrecision()), tails);
            complete = true;
            return run;
        } finally {
            if (!complete) {
                tails.close();
            }
        }
    }

    private static SegmentChain chain(Bundle bundle, Engine engine, SessionOptions options, String precision)
            throws IOException, EngineException {
        return SegmentChain.load(
                bundle, engine, options, precision, 0, bundle.contract().local());
    }

    /** The draft's own bundle. */
    public Bundle bundle() {
        return bundle;
    }

    /** The draft's; its quality levels are the careful ones. */
    public Contract contract() {
        return contract;
    }

    /** Over all segments; usable until this is closed. */
    public RoundTrip roundTrip() {
        return roundTrip;
    }

    @Override
    public void close() {
        if (heads != tails) {
            heads.close();
        }
        tails.close();
    }
}
