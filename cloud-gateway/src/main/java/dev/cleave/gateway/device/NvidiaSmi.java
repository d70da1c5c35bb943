package dev.cleave.gateway.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The GPUs that {@code nvidia-smi} lists. It is a child process with a time limit, as it has been seen to hang beside a
 * GPU that has fallen off the bus; what it prints is read up to a bound.
 */
public final class NvidiaSmi implements GpuInventory {
    private static final Logger LOG = LoggerFactory.getLogger(NvidiaSmi.class);
    private static final int MOST_BYTES = 1 << 16;
    private static final int FIELDS = 6;

    private final List<String> command;
    private final Duration limit;

    public NvidiaSmi() {
        this(Path.of("nvidia-smi"), Duration.ofSeconds(5));
    }

    NvidiaSmi(Path program, Duration limit) {
        this.command = List.of(
                program.toString(),
                "--query-gpu=index,uuid,name,compute_cap,driver_version,memory.total",
                "--format=csv,noheader,nounits");
        this.limit = limit;
    }

    @Override
    public List<Gpu> gpus() {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException absent) {
            LOG.debug("no GPU is known: {}", absent.getMessage());
            return List.of();
        }
        try {
            return gpus(process);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            process.destroyForcibly();
        }
    }

    private List<Gpu> gpus(Process process) throws InterruptedException {
        // Few lines fit into the pipe; a program that fills it is ended by the limit.
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("no GPU is known: {} did not end within {}", command.get(0), limit);
            return List.of();
        }
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            if (process.exitValue() == 0) {
                return parse(text);
            }
            LOG.warn("no GPU is known: {} ended with {}", command.get(0), process.exitValue());
        } catch (IOException e) {
            LOG.warn("no GPU is known: {} cannot be read: {}", command.get(0), e.getMessage());
        }
        return List.of();
    }

    /** One GPU a line; lines that are none are left out. */
    static List<Gpu> parse(String csv) {
        List<Gpu> gpus = new ArrayList<>();
        for (String line : csv.split("\n")) {
            String[] fields = line.split(",", -1);
            if (fields.length == FIELDS) {
                try {
                    gpus.add(new Gpu(
                            Integer.parseInt(fields[0].trim()),
                            fields[1].trim(),
                            fields[2].trim(),
                            fields[3].trim(),
                            fields[4].trim(),
                            memory(fields[5].trim())));
                } catch (NumberFormatException noGpu) {
                    LOG.debug("not a GPU: {}", line);
                }
            }
        }
        return gpus;
    }

    /** Told in MiB; some devices, those with memory of the host's, do not tell. */
    private static long memory(String mebibytes) {
        return mebibytes.startsWith("[") ? 0 : Long.parseLong(mebibytes) << 20;
    }
}
