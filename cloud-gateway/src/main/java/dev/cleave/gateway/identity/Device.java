package dev.cleave.gateway.identity;

import io.grpc.Context;
import java.util.function.BooleanSupplier;

/** A device that has shown its token. Thread-safe. */
public final class Device {
    static final Context.Key<Device> CALLER = Context.key("device");

    private final String name;
    private final BooleanSupplier allowed;

    Device(String name, BooleanSupplier allowed) {
        this.name = name;
        this.allowed = allowed;
    }

    /** The device behind the call that this thread is about to take; null where no token is asked for. */
    public static Device caller() {
        return CALLER.get();
    }

    /** As the tokens file calls it. */
    public String name() {
        return name;
    }

    /** Whether its token is still in the file. */
    public boolean isAllowed() {
        return allowed.getAsBoolean();
    }
}
