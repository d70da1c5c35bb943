package dev.cleave.edge.link;

import com.github.luben.zstd.util.Native;
import dev.cleave.codec.Entropy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The entropy coders that this device can write, best first: zstd where its native library loads. */
final class Entropies {
    private static final Logger LOG = Logger.getLogger(Entropies.class.getName());
    private static final List<String> WIRE_NAMES = find();

    private Entropies() {}

    static List<String> wireNames() {
        return WIRE_NAMES;
    }

    private static List<String> find() {
        List<String> names = new ArrayList<>();
        try {
            Native.load();
            names.add(Entropy.ZSTD.wireName());
        } catch (LinkageError | RuntimeException e) {
            LOG.log(Level.FINE, "zstd is not available on this device", e);
        }
        names.add(Entropy.NONE.wireName());
        return Collections.unmodifiableList(names);
    }
}
