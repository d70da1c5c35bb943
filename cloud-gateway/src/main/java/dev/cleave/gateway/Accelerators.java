package dev.cleave.gateway;

import dev.cleave.engine.Engine;
import dev.cleave.gateway.compiled.CompiledGraphs;
import dev.cleave.gateway.compiled.CompilerLibrary;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.device.Gpu;
import dev.cleave.gateway.device.GpuInventory;
import dev.cleave.gateway.device.VisibleDevices;
import dev.cleave.gateway.model.Compilations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a gateway found of GPUs when it started. Owns the directory of compiled graphs until closed.
 *
 * @param devices that batches are spread over
 * @param compiled null if nothing is kept
 */
record Accelerators(List<Accelerator> devices, Compilations compilations, CompiledGraphs compiled)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Accelerators.class);
    private static final String COMPILING = "tensorrt";
    private static final String STATE = ".cleave";

    /**
     * Asks for GPUs only if there may be any, and opens the directory only if something is going to be compiled.
     *
     * @throws GatewayException if a device is asked for whose index cannot be known
     */
    static Accelerators find(
            GatewayConfig config, Engine engine, Map<String, String> environment, GpuInventory inventory)
            throws GatewayException {
        Supplier<List<Gpu>> gpus = once(inventory);
        VisibleDevices visible = new VisibleDevices(environment, gpus);
        List<Accelerator> devices;
        try {
            devices = visible.of(config.models().devices().ids());
        } catch (IllegalArgumentException e) {
            throw new GatewayException(e.getMessage(), e);
        }
        boolean compiles = config.models().providers().contains(COMPILING)
                && engine.unavailableReason(COMPILING) == null
                && config.models().devices().compiledBytes() > 0;
        CompiledGraphs compiled = compiles ? open(config) : null;
        if (compiled == null) {
            return new Accelerators(devices, Compilations.NONE, null);
        }
        gpus.get().forEach(gpu -> LOG.info("GPU {} is {}, driver {}", gpu.index(), gpu.name(), gpu.driver()));
        String compiler = CompilerLibrary.version(CompilerLibrary.folders(environment));
        return new Accelerators(devices, new Compilations(compiled, visible::kind, compiler), compiled);
    }

    private static Supplier<List<Gpu>> once(GpuInventory inventory) {
        List<List<Gpu>> asked = new ArrayList<>();
        return () -> {
            synchronized (asked) {
                if (asked.isEmpty()) {
                    asked.add(inventory.gpus());
                }
                return asked.get(0);
            }
        };
    }

    /** Null if it cannot be had: then it is compiled at every start. */
    private static CompiledGraphs open(GatewayConfig config) {
        Path configured = config.models().devices().compiled();
        Path state = config.lifecycle().stateDirectory() == null
                ? config.models().directory().resolve(STATE)
                : config.lifecycle().stateDirectory();
        Path directory = configured == null ? state.resolve("compiled") : configured;
        try {
            return CompiledGraphs.open(directory, config.models().devices().compiledBytes());
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("compiled graphs are not kept: {} cannot be used ({})", directory, e.toString());
            return null;
        }
    }

    @Override
    public void close() {
        if (compiled != null) {
            try {
                compiled.close();
            } catch (IOException e) {
                LOG.warn("the directory of compiled graphs was not tidied up: {}", e.toString());
            }
        }
    }
}
