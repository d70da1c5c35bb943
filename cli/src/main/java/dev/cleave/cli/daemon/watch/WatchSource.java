package dev.cleave.cli.daemon.watch;

import dev.cleave.cli.agent.InferDocument;
import dev.cleave.cli.daemon.request.AgentFront;
import dev.cleave.cli.daemon.request.FailureLine;
import dev.cleave.cli.daemon.request.InOrder;
import dev.cleave.cli.daemon.request.RequestSource;
import dev.cleave.cli.daemon.watch.WatchedFolder.Claimed;
import dev.cleave.cli.failure.OneLine;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.JsonOut;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the files that are put into a folder, in the order of their last change. An answer is kept beside its file in
 * {@code done} and printed as a line; what cannot be answered goes to {@code failed}. Owns the folder and two threads.
 */
public final class WatchSource implements RequestSource {
    private static final Logger LOG = LoggerFactory.getLogger(WatchSource.class);
    private static final long LOOK_MILLIS = 100;

    private final WatchedFolder folder;
    private final AgentFront agent;
    private final JsonOut out;
    private final Settling settling;
    private final InOrder<Claimed> answers;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::work, "cleave-watch");
    /** The thread's own: what an earlier process left behind; null before it has looked. */
    private Deque<Claimed> leftovers;

    private String told;
    private boolean toldOfOthers;

    private WatchSource(WatchedFolder folder, AgentFront agent, JsonOut out, Duration settle, int window) {
        this.folder = folder;
        this.agent = agent;
        this.out = out;
        this.settling = new Settling(settle.toNanos());
        this.answers = new InOrder<>("cleave-watch-answers", window, this::finished);
        thread.setDaemon(true);
    }

    /**
     * @param settle how long a file must have stayed as it is
     * @param window requests on their way behind the first
     * @throws UserException if the folder cannot be watched
     */
    public static WatchSource start(Path directory, AgentFront agent, JsonOut out, Duration settle, int window)
            throws IOException {
        WatchSource source = new WatchSource(WatchedFolder.open(directory), agent, out, settle, window);
        source.thread.start();
        return source;
    }

    private void work() {
        try {
            do {
                try {
                    look();
                } catch (IOException | RuntimeException trouble) {
                    tell(trouble);
                }
            } while (!stopped.await(LOOK_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    private void look() throws IOException, InterruptedException {
        if (leftovers == null) {
            leftovers = new ArrayDeque<>(folder.leftovers());
        }
        while (!leftovers.isEmpty() && !isStopped()) {
            take(leftovers.poll());
        }
        List<Found> listing = folder.listing();
        tellOfOthers();
        for (Found file : settling.whole(listing, System.nanoTime())) {
            Claimed claimed = isStopped() ? null : folder.claim(file);
            if (claimed != null) {
                take(claimed);
            }
        }
    }

    /** Once: whoever put it there waits for an answer. */
    private void tellOfOthers() {
        if (!toldOfOthers && folder.leftAlone() != null) {
            toldOfOthers = true;
            LOG.warn(
                    "{} is left where it is, as will be others like it; expected names that end in .jpg, .png, .bmp, .npy, .npz"
                            + " or .pb",
                    folder.leftAlone());
        }
    }

    /** Looking goes on every tenth of a second; the same trouble is told once. */
    private void tell(Exception trouble) {
        String line = OneLine.of(trouble);
        if (!line.equals(told)) {
            LOG.error("watched folder: {}; trying again", line, trouble);
        }
        told = line;
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    private void take(Claimed file) throws IOException, InterruptedException {
        InferenceInput input;
        try {
            input = agent.file(file.file());
        } catch (UserException malformed) {
            if (file.hasChanged()) {
                folder.giveBack(file);
            } else {
                answers.submit(file, CompletableFuture.failedFuture(malformed));
            }
            return;
        }
        answers.submit(file, agent.infer(input, null));
    }

    private void finished(Claimed file, InferenceResult result, Throwable failure) throws IOException {
        if (result != null) {
            InferDocument document = InferDocument.of(file.name(), result);
            folder.done(file, JsonOut.text(document));
            out.line(document);
        } else if (!AgentFront.isClosing(failure)) {
            FailureLine line = FailureLine.of(file.name(), failure);
            folder.failed(file, JsonOut.text(line));
            out.line(line);
        } else {
            LOG.info("{} is left to the next start", file.name());
        }
    }

    @Override
    public void stop() {
        stopped.countDown();
    }

    @Override
    public boolean awaitIdle(long timeoutNanos) throws InterruptedException {
        long end = System.nanoTime() + timeoutNanos;
        return ended.await(timeoutNanos, TimeUnit.NANOSECONDS) && answers.awaitIdle(end - System.nanoTime());
    }

    @Override
    public void close() {
        stop();
        thread.interrupt();
        answers.close();
        folder.close();
    }
}
