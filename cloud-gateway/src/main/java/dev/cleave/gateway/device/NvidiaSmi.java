package dev.cleave.gateway.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The GPUs that {@code nvidia-smi} lists, and the MIG instances of those that are divided. It is a child process with a time limit, as it
 * has been seen to hang beside a GPU that has fallen off the bus; what it prints is read up to a bound.
 */
public final class NvidiaSmi implements GpuInventory {
    private static final Logger LOG = LoggerFactory.getLogger(NvidiaSmi.class);
    private static final int MOST_BYTES = 1 << 16;
    private static final int FIELDS = 7;
    private static final String DIVIDED = "Enabled";

    private static final List<String> QUERY = List.of(
            "--query-gpu=index,uuid,name,compute_cap,driver_version,memory.total,mig.mode.current",
            "--format=csv,noheader,nounits");
    /** Of a GPU, or, on a line behind it, of one of its instances. */
    private static final Pattern LISTED = Pattern.compile("\\(UUID: (GPU-[^)\\s]+|MIG-[^)\\s]+)\\)");

    private final String program;
    private final Duration limit;

    public NvidiaSmi() {
        this(Path.of("nvidia-smi"), Duration.ofSeconds(5));
    }

    NvidiaSmi(Path program, Duration limit) {
        this.program = program.toString();
        this.limit = limit;
    }

    @Override
    public List<Gpu> gpus() {
        List<Gpu> gpus = parse(ask(QUERY));
        if (gpus.stream().noneMatch(Gpu::isDivided)) {
            return gpus;
        }
        Map<String, List<String>> instances = instances(ask(List.of("-L")));
        return gpus.stream()
                .map(gpu -> gpu.isDivided() ? gpu.divided(instances.getOrDefault(gpu.uuid(), List.of())) : gpu)
                .toList();
    }

    /** What it prints; empty if it is not there, fails, or does not end in time. */
    private String ask(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(arguments);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException absent) {
            LOG.debug("no GPU is known: {}", absent.getMessage());
            return "";
        }
        try {
            return answer(process);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        } finally {
            process.destroyForcibly();
        }
    }

    private String answer(Process process) throws InterruptedException {
        // Few lines fit into the pipe; a program that fills it is ended by the limit.
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("no GPU is known: {} did not end within {}", program, limit);
            return "";
        }
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            if (process.exitValue() == 0) {
                return text;
            }
            LOG.warn("no GPU is known: {} ended with {}", program, process.exitValue());
        } catch (IOException e) {
            LOG.warn("no GPU is known: {} cannot be read: {}", program, e.getMessage());
        }
        return "";
    }

    /** One GPU a line; lines that are none are left out. */
    private static List<Gpu> parse(String csv) {
        List<Gpu> gpus = new ArrayList<>();
        for (String line : csv.split("\n")) {
            String[] fields = line.split(",", -1);
            if (fields.length == FIELDS) {
                try {
                    Gpu gpu = new Gpu(
                            Integer.parseInt(fields[0].trim()),
                            fields[1].trim(),
                            fields[2].trim(),
                            fields[3].trim(),
                            fields[4].trim(),
                            memory(fields[5].trim()));
                    gpus.add(fields[6].trim().equals(DIVIDED) ? gpu.divided(List.of()) : gpu);
                } catch (NumberFormatException noGpu) {
                    LOG.debug("not a GPU: {}", line);
                }
            }
        }
        return gpus;
    }

    /** Ids of instances by the id of the GPU that was listed before them. */
    private static Map<String, List<String>> instances(String list) {
        Map<String, List<String>> instances = new HashMap<>();
        String gpu = "";
        Matcher listed = LISTED.matcher(list);
        while (listed.find()) {
            String id = listed.group(1);
            if (id.startsWith("GPU-")) {
                gpu = id;
            } else {
                instances.computeIfAbsent(gpu, key -> new ArrayList<>()).add(id);
            }
        }
        return instances;
    }

    /** Told in MiB; some devices, those with memory of the host's, do not tell. */
    private static long memory(String mebibytes) {
        return mebibytes.startsWith("[") ? 0 : Long.parseLong(mebibytes) << 20;
    }
}
