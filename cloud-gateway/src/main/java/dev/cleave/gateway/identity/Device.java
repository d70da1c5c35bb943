package dev.cleave.gateway.identity;

import io.grpc.Context;

/**
 * A device that has shown its token. What it may do is what the tokens file says by now, not what it said when the token was shown. Thread-safe; time is
 * an argument.
 */
public final class Device {
    /** Whoever calls where no token is asked for: may do everything. */
    public static final Device ANYBODY = new Device();

    static final Context.Key<Device> CALLER = Context.key("device");

    private final DeviceTokens tokens;
    private final String name;
    private final byte[] hash;
    private final Usage usage;
    private volatile Known known;

    /** What a table says; the grant is null if the token is not in it. */
    private record Known(TokenTable table, Grant grant) {}

    private Device() {
        this.tokens = null;
        this.name = "";
        this.hash = new byte[0];
        this.usage = null;
        this.known = new Known(null, Grant.ALL);
    }

    Device(DeviceTokens tokens, TokenTable table, TokenTable.Entry entry, Usage usage) {
        this.tokens = tokens;
        this.name = entry.device();
        this.hash = entry.hash();
        this.usage = usage;
        this.known = new Known(table, entry.grant());
    }

    /** The device behind the call that this thread is about to take. */
    public static Device caller() {
        Device caller = CALLER.get();
        return caller == null ? ANYBODY : caller;
    }

    /** As the tokens file calls it. */
    public String name() {
        return name;
    }

    private Grant grant() {
        Known seen = known;
        TokenTable now = tokens == null ? null : tokens.table();
        if (seen.table() != now) {
            TokenTable.Entry entry = now.entryOf(hash);
            boolean isSame = entry != null && entry.device().equals(name);
            seen = new Known(now, isSame ? entry.grant() : null);
            known = seen;
        }
        return seen.grant();
    }

    /** Whether its token is still in the file. */
    public boolean isAllowed() {
        return grant() != null;
    }

    /** Whether there is a model of this name as far as it is concerned. */
    public boolean mayUse(String model) {
        Grant grant = grant();
        return grant != null && grant.allows(model);
    }

    /** It asked for a model that it may not use, and was told that there is none: counted, so that somebody knows. */
    public void deniedModel() {
        if (tokens != null) {
            tokens.denied(name, "model");
        }
    }

    /**
     * Charges it for a request.
     *
     * @param bytes of the request
     * @return null: it may go on; else what it has used up, and nothing is charged
     */
    public Overdraft charge(long bytes, long nowNanos) {
        Grant grant = grant();
        if (usage == null || grant == null) {
            return null; // A token that is gone ends the stream.
        }
        Overdraft overdraft = usage.charge(grant, bytes, nowNanos);
        if (overdraft != null) {
            tokens.denied(name, overdraft.of() == Overdraft.Of.REQUESTS ? "rate" : "bytes");
        }
        return overdraft;
    }

    /** A request that was charged for was not taken in, for reasons that are the gateway's. */
    public void giveBack(long bytes) {
        Grant grant = grant();
        if (usage != null && grant != null) {
            usage.giveBack(grant, bytes);
        }
    }

    /** @return false if as many are open as it may have; else {@link #closeStream} is due */
    public boolean openStream() {
        // One whose token is gone counts, too: it is ended soon, and then counts no more.
        boolean opened = usage == null || usage.openStream(grant());
        if (!opened) {
            tokens.denied(name, "streams");
        }
        return opened;
    }

    public void closeStream() {
        if (usage != null) {
            usage.closeStream();
        }
    }
}
