package dev.cleave.cli.verb;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.jul.LevelChangePropagator;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Logs to standard error: warnings by default, and what happens to a daemon; what is done with {@code -v}, everything of Cleave's with {@code -vv}.
 *
 * <p>Configured in code, since parsing a configuration file costs more than most verbs take. Logback finds this class
 * as a service; {@link #configure(int, boolean)} then sets the levels. The Android-bound modules log to
 * java.util.logging, which is bridged.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    /** Libraries that have much to say about themselves. */
    private static final String[] TALKATIVE = {
        "ai.onnxruntime", "io.grpc", "io.netty", "org.eclipse.jetty", "org.apache"
    };

    /** Runs for months, and says what happens to it without being asked. */
    private static final String DAEMON = "dev.cleave.cli.daemon";

    private static final String WITHOUT_TRACES = "%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n%nopex";
    private static final String WITH_TRACES = "%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n%ex";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        apply(context, 0, false);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /**
     * Sets the levels for this process.
     *
     * @param verbosity how many {@code -v} were given
     * @param stackTraces whether logged exceptions show theirs
     */
    static void configure(int verbosity, boolean stackTraces) {
        apply((LoggerContext) LoggerFactory.getILoggerFactory(), verbosity, stackTraces);
        if (!SLF4JBridgeHandler.isInstalled()) {
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
        }
    }

    private static void apply(LoggerContext context, int verbosity, boolean stackTraces) {
        context.reset();
        LevelChangePropagator julLevels = new LevelChangePropagator();
        julLevels.setContext(context);
        julLevels.start();
        context.addListener(julLevels);
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(standardError(context, stackTraces || verbosity > 1));
        root.setLevel(verbosity == 0 ? Level.WARN : verbosity == 1 ? Level.INFO : Level.DEBUG);
        if (verbosity == 0) {
            context.getLogger(DAEMON).setLevel(Level.INFO);
        }
        for (String library : TALKATIVE) {
            context.getLogger(library).setLevel(verbosity < 2 ? Level.ERROR : Level.INFO);
        }
    }

    private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext context, boolean stackTraces) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(stackTraces ? WITH_TRACES : WITHOUT_TRACES);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }
}
