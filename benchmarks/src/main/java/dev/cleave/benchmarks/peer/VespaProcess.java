package dev.cleave.benchmarks.peer;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.process.ChildProcess;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Vespa's container with one model for its stateless evaluation, in a JVM of its own, ready when {@link #start} returns. Its class path is its own as well: nothing of it
 * is compiled or run with this module. Owns the process.
 */
final class VespaProcess implements AutoCloseable {
    private static final String READY = "ready ";

    private final ChildProcess process;
    private final int port;
    private final String engineVersion;

    private VespaProcess(ChildProcess process, int port, String engineVersion) {
        this.process = process;
        this.port = port;
        this.engineVersion = engineVersion;
    }

    /**
     * Starts one on a free port.
     *
     * @param main source of its main class, which takes the application's folder and says {@code ready VERSION}
     * @param name of the model
     * @param threads that handle requests
     * @param work takes the application and the log
     */
    static VespaProcess start(Path main, String classPath, String name, Path onnx, int threads, Path work)
            throws IOException {
        int port = freePort();
        Path application = Files.createDirectories(work.resolve("vespa"));
        Files.copy(onnx, Files.createDirectories(application.resolve("models")).resolve(name + ".onnx"));
        Files.writeString(application.resolve("services.xml"), services(name, threads, port));
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-Djava.awt.headless=true",
                main.toString(),
                application.toString()));
        builder.environment().put("CLASSPATH", classPath);
        builder.environment().put("VESPA_HOME", work.resolve("vespa-home").toString());
        ChildProcess process = ChildProcess.start("Vespa's container", work.resolve("vespa.log"), builder);
        try {
            String line = process.readLine();
            if (!line.startsWith(READY)) {
                throw new UserException("Vespa's container says \"" + line + "\"; expected " + READY + "VERSION");
            }
            return new VespaProcess(process, port, line.substring(READY.length()));
        } catch (IOException | RuntimeException failed) {
            process.close();
            throw failed;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    /** One thread a run, as the gateway has it; no access log. */
    private static String services(String name, int threads, int port) {
        return """
            <container version="1.0">
              <model-evaluation>
                <onnx>
                  <models>
                    <model name="%s">
                      <intraop-threads>1</intraop-threads>
                      <interop-threads>1</interop-threads>
                      <execution-mode>sequential</execution-mode>
                    </model>
                  </models>
                </onnx>
              </model-evaluation>
              <threadpool>
                <max-threads>%d</max-threads>
                <min-threads>%d</min-threads>
                <queue-size>1024</queue-size>
              </threadpool>
              <accesslog type="disabled"/>
              <http>
                <server id="default" port="%d"/>
              </http>
            </container>
            """.formatted(name, threads, threads, port);
    }

    int port() {
        return port;
    }

    long processId() {
        return process.processId();
    }

    /** Of its ONNX Runtime. */
    String engineVersion() {
        return engineVersion;
    }

    @Override
    public void close() {
        process.close();
    }
}
