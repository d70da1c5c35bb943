package dev.cleave.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.link.LinkRates;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.cli.process.ChildProcess;
import dev.cleave.partition.split.SplitResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes of a demo: a gateway, a shaped link to it, and one agent after another. Owns gateway and link.
 *
 * <p>Every pass is an agent process of its own, so that none profits from what another has warmed.
 */
final class DemoRun implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work;
    private final SplitResult split;
    private final Path inputs;
    private final ChildProcess gateway;
    private final LinkShaper link;
    private int passes;

    private DemoRun(Path work, SplitResult split, Path inputs, ChildProcess gateway, LinkShaper link) {
        this.work = work;
        this.split = split;
        this.inputs = inputs;
        this.gateway = gateway;
        this.link = link;
    }

    /** Starts the gateway on the folder that the bundle is in, and the link. */
    static DemoRun start(Path work, SplitResult split, Path inputs, LinkRates rates) throws IOException {
        ChildProcess gateway = ChildProcess.start(
                work.resolve("gateway.log"),
                List.of(
                        "serve",
                        "--models",
                        split.bundle().getParent().toString(),
                        "--port",
                        "0",
                        "--http-port",
                        "0",
                        "--provider",
                        "cpu",
                        "--json"));
        try {
            JsonNode ready = JSON.readTree(gateway.readUntil("}"));
            LinkShaper link = LinkShaper.startLocal(ready.get("port").asInt(), rates);
            return new DemoRun(work, split, inputs, gateway, link);
        } catch (IOException | RuntimeException failed) {
            gateway.close();
            throw failed;
        }
    }

    DemoPass local() throws IOException, InterruptedException {
        return pass("LOCAL", split.contract().local(), QualityLevel.DEFAULT, "LOCAL");
    }

    DemoPass cloud(String quality) throws IOException, InterruptedException {
        return pass("CLOUD", 0, quality, "CLOUD");
    }

    DemoPass split(int point, String quality) throws IOException, InterruptedException {
        return pass("SPLIT " + point, point, quality, "SPLIT");
    }

    private DemoPass pass(String name, int point, String quality, String source)
            throws IOException, InterruptedException {
        List<String> lines;
        try (ChildProcess agent = ChildProcess.start(
                work.resolve("agent-" + ++passes + ".log"),
                List.of(
                        "infer",
                        split.bundle().toString(),
                        "--gateway",
                        "127.0.0.1:" + link.port(),
                        "--inputs",
                        inputs.toString(),
                        "--split",
                        Integer.toString(point),
                        "--quality",
                        quality,
                        "--threads",
                        "1",
                        "--no-fallback",
                        "--json"))) {
            lines = agent.finish();
        }
        List<DemoAnswer> answers = new ArrayList<>();
        for (String line : lines.subList(0, lines.size() - 1)) {
            answers.add(DemoAnswer.of(JSON.readTree(line)));
        }
        DemoPass pass = new DemoPass(name, point, quality, answers);
        if (!pass.isAllFrom(source)) {
            throw new UserException("not every request ran " + source + "; the agent's log is in " + work);
        }
        return pass;
    }

    @Override
    public void close() {
        link.close();
        gateway.close();
    }
}
