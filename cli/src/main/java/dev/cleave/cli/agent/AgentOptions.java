package dev.cleave.cli.agent;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.cli.failure.UserException;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.Split;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How an agent is set up; the same options for every verb that runs one. */
public final class AgentOptions {
    @Option(names = "--gateway", paramLabel = "HOST:PORT", description = "The gateway. Without one all is LOCAL.")
    private String gateway;

    @Option(names = "--split", paramLabel = "auto|local|cloud|N", description = "Where to cut. Default auto.")
    private String split = "auto";

    @Option(names = "--deadline", paramLabel = "TIME", description = "Per request. Default 30s.")
    private Duration deadline = Duration.ofSeconds(30);

    @Option(names = "--quality", paramLabel = "LEVEL", description = "Quality level, default or raw.")
    private String quality = QualityLevel.DEFAULT;

    @Option(names = "--jpeg", paramLabel = "QUALITY", description = "At CLOUD send pictures as JPEG, 1 to 100.")
    private Integer jpeg;

    @Option(names = "--no-fallback", description = "Fail instead of finishing on the device when the gateway fails.")
    private boolean noFallback;

    @Option(names = "--token", paramLabel = "T", description = "Bearer token that goes with every call.")
    private String token;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of one run on the device.")
    private int threads;

    boolean hasGateway() {
        return gateway != null;
    }

    Duration deadline() {
        return deadline;
    }

    /** An agent for a bundle; the caller closes it. */
    EdgeAgent build(Bundle bundle, Engine engine) throws IOException, EngineException {
        try {
            EdgeAgentBuilder builder = EdgeAgent.builder()
                    .bundle(bundle)
                    .engine(engine)
                    .sessionOptions(SessionOptions.defaults().withThreads(threads))
                    .split(Split.parse(split))
                    .quality(quality)
                    .localFallback(!noFallback)
                    .deadline(deadline);
            if (gateway != null) {
                builder.gateway(gateway);
            }
            if (token != null) {
                builder.token(token);
            }
            if (jpeg != null) {
                builder.jpegQuality(jpeg);
            }
            return builder.build();
        } catch (IllegalArgumentException refused) {
            throw new UserException(refused.getMessage(), refused);
        }
    }
}
