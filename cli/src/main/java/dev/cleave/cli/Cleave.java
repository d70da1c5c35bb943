package dev.cleave.cli;

import dev.cleave.cli.agent.InferCommand;
import dev.cleave.cli.agent.LoadCommand;
import dev.cleave.cli.daemon.AgentCommand;
import dev.cleave.cli.demo.DemoCommand;
import dev.cleave.cli.failure.ErrorReporter;
import dev.cleave.cli.failure.ExitCodes;
import dev.cleave.cli.failure.WatchedOutput;
import dev.cleave.cli.gateway.ModelsCommand;
import dev.cleave.cli.gateway.ServeCommand;
import dev.cleave.cli.link.LinkCommand;
import dev.cleave.cli.model.InspectCommand;
import dev.cleave.cli.model.PlanCommand;
import dev.cleave.cli.model.ProfileCommand;
import dev.cleave.cli.model.SplitCommand;
import dev.cleave.cli.model.VerifyCommand;
import dev.cleave.cli.trust.KeygenCommand;
import dev.cleave.cli.trust.SealCommand;
import dev.cleave.cli.trust.SignCommand;
import dev.cleave.cli.trust.TokenCommand;
import dev.cleave.cli.units.BitRate;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.units.HostPort;
import dev.cleave.cli.units.TimeSpan;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The {@code cleave} command: its verbs, its units, its exit codes. */
@Command(
        name = "cleave",
        description = "Cuts a neural network in two: the head runs on a device, the tail on a server.",
        versionProvider = Cleave.Version.class,
        synopsisSubcommandLabel = "VERB",
        footer = {"", "Example:", "  cleave link --listen 9500 --to 127.0.0.1:8500 --uplink 5.85mbit --rtt 50ms"})
public final class Cleave implements Runnable {
    private static final int USAGE_WIDTH = 100;

    private static final Map<String, Class<?>> VERBS = new LinkedHashMap<>();

    static {
        VERBS.put("demo", DemoCommand.class);
        VERBS.put("inspect", InspectCommand.class);
        VERBS.put("profile", ProfileCommand.class);
        VERBS.put("plan", PlanCommand.class);
        VERBS.put("split", SplitCommand.class);
        VERBS.put("verify", VerifyCommand.class);
        VERBS.put("serve", ServeCommand.class);
        VERBS.put("models", ModelsCommand.class);
        VERBS.put("infer", InferCommand.class);
        VERBS.put("load", LoadCommand.class);
        VERBS.put("agent", AgentCommand.class);
        VERBS.put("link", LinkCommand.class);
        VERBS.put("token", TokenCommand.class);
        VERBS.put("keygen", KeygenCommand.class);
        VERBS.put("sign", SignCommand.class);
        VERBS.put("seal", SealCommand.class);
        VERBS.put("help", HelpCommand.class);
    }

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help.")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Print the version.")
    private boolean version;

    @Spec
    private CommandSpec spec;

    /** A command line over the given streams; one for each call of {@link #execute}. */
    public static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return commandLine(out, err, VERBS.keySet());
    }

    private static CommandLine commandLine(PrintWriter out, PrintWriter err, Set<String> verbs) {
        ErrorReporter errors = new ErrorReporter();
        CommandLine commandLine = new CommandLine(new Cleave());
        verbs.forEach(verb -> commandLine.addSubcommand(VERBS.get(verb)));
        return commandLine
                .registerConverter(BitRate.class, converter(BitRate::parse))
                .registerConverter(ByteSize.class, converter(ByteSize::parse))
                .registerConverter(HostPort.class, converter(HostPort::parse))
                .registerConverter(Duration.class, converter(TimeSpan::parse))
                .registerConverter(Integer.class, number(Integer::valueOf, "a whole number"))
                .registerConverter(int.class, number(Integer::valueOf, "a whole number"))
                .registerConverter(Long.class, number(Long::valueOf, "a whole number"))
                .registerConverter(long.class, number(Long::valueOf, "a whole number"))
                .registerConverter(Double.class, number(Double::valueOf, "a number"))
                .registerConverter(double.class, number(Double::valueOf, "a number"))
                .setCaseInsensitiveEnumValuesAllowed(true)
                // Wide enough that the examples stay on one line, to be copied.
                .setUsageHelpWidth(USAGE_WIDTH)
                .setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors)
                .setOut(out)
                .setErr(err);
    }

    /** Runs one verb and returns its exit code; nothing escapes as an exception. */
    public static int execute(PrintWriter out, PrintWriter err, String... args) {
        // Reading the options of all verbs takes longer than many a verb: where one is named, its own will do.
        boolean named = args.length > 0 && VERBS.containsKey(args[0]) && !args[0].equals("help");
        CommandLine commandLine = commandLine(out, err, named ? Set.of(args[0]) : VERBS.keySet());
        try {
            return commandLine.execute(args);
        } catch (OutOfMemoryError | StackOverflowError | LinkageError failure) {
            return ErrorReporter.report(
                    failure, commandLine, Arrays.asList(args).contains("--stacktrace"));
        }
    }

    public static void main(String[] args) {
        // A library that prints would spoil the one JSON document.
        System.setOut(System.err);
        WatchedOutput out = new WatchedOutput(new FileOutputStream(FileDescriptor.out));
        PrintWriter err = utf8(System.err);
        int exitCode = execute(utf8(out), err, args);
        System.exit(exitCode == ExitCodes.DONE ? out.exitCode(err) : exitCode);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing verb");
    }

    private static PrintWriter utf8(OutputStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    private static <T> ITypeConverter<T> number(Function<String, T> parse, String expected) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (NumberFormatException refused) {
                throw new TypeConversionException("\"" + text + "\"; expected " + expected);
            }
        };
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException refused) {
                throw new TypeConversionException(refused.getMessage());
            }
        };
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Cleave.class.getPackage().getImplementationVersion();
            return new String[] {"cleave " + (version == null ? "(not packaged)" : version)};
        }
    }
}
