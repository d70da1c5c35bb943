package dev.cleave.cli.daemon.request;

import dev.cleave.bundle.Contract;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.Input;
import dev.cleave.cli.inputs.InputReader;
import dev.cleave.cli.inputs.PictureFiles;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceException;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import dev.cleave.picture.PictureCodecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The agent as a source sees it: files and bytes become inputs, inputs become answers. Thread-safe. The agent stays its
 * owner's.
 */
public final class AgentFront {
    private final EdgeAgent agent;
    private final Duration deadline;
    private final long maxPixels;

    /**
     * @param deadline of requests that bring none
     * @param maxPixels of one picture
     */
    public AgentFront(EdgeAgent agent, Duration deadline, long maxPixels) {
        this.agent = agent;
        this.deadline = deadline;
        this.maxPixels = maxPixels;
    }

    public Contract contract() {
        return agent.contract();
    }

    /**
     * Reads a picture, {@code .npy}, {@code .npz} or {@code .pb}.
     *
     * @throws UserException naming the file and what is wrong with it
     */
    public InferenceInput file(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new UserException(file + ": is a folder; expected a file");
        }
        try {
            Input input = InputReader.open(file, contract().inputs(), PictureCodecs.find(), maxPixels)
                    .read(0);
            return input instanceof Input.Pictured pictured
                    ? InferenceInput.of(pictured.picture())
                    : InferenceInput.of(((Input.Tensors) input).tensors());
        } catch (OutOfMemoryError tooLarge) {
            throw new UserException(file + ": is too large for this process's memory", tooLarge);
        }
    }

    /**
     * Decodes a JPEG, PNG or BMP.
     *
     * @throws IOException if it is none; one line
     */
    public InferenceInput picture(byte[] bytes) throws IOException {
        try {
            return InferenceInput.of(new PictureFiles(PictureCodecs.find(), maxPixels).decode(bytes));
        } catch (OutOfMemoryError tooLarge) {
            throw new IOException("picture is too large for this process's memory", tooLarge);
        }
    }

    /** @param limit null for the daemon's own deadline */
    public CompletableFuture<InferenceResult> infer(InferenceInput input, Duration limit) {
        return agent.infer(input, limit == null ? deadline : limit);
    }

    /** Whether a request failed only because the agent is being closed. */
    public static boolean isClosing(Throwable failure) {
        return cause(failure) instanceof InferenceException refused
                && refused.reason() == InferenceException.Reason.CLOSED;
    }

    /** What went wrong, without the wrapper of a future. */
    public static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
