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

/** A draft whose segments are loaded, ready to be measured. Owns the segments; one thread. */
public final class DraftRun implements AutoCloseable {
    private final Bundle bundle;
    private final Contract contract;
    private final SegmentChain chain;
    private final RoundTrip roundTrip;

    private DraftRun(Bundle bundle, SegmentChain chain) {
        this.bundle = bundle;
        this.contract = bundle.contract();
        this.chain = chain;
        this.roundTrip = new RoundTrip(contract, chain, PictureCodecs.find());
    }

    static DraftRun load(Bundle bundle, Engine engine, SessionOptions options) throws IOException, EngineException {
        Contract contract = bundle.contract();
        return new DraftRun(
                bundle, SegmentChain.load(bundle, engine, options, contract.precision(), 0, contract.local()));
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
        chain.close();
    }
}
