package dev.cleave.edge;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.Decision;
import dev.cleave.edge.events.Fallback;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Tells the listener about one request, nested like brackets although the fallback and the end come from different
 * threads. Thread-safe; the listener is called without a lock.
 */
final class CallEvents {
    private static final Logger LOG = Logger.getLogger(EdgeAgent.class.getName());

    private final AgentListener listener;
    private final long request;
    private boolean begun;
    private boolean ended;
    /** Of a beginning or a fallback, just now. */
    private boolean telling;

    private String failure;
    private Answer answer;

    CallEvents(AgentListener listener, long request) {
        this.listener = listener;
        this.request = request;
    }

    /** Nothing after the end: a request that ended before it began is not told of. */
    void started(Decision decision, int rows) {
        telling(() -> {
            tell(listener, to -> to.requestStarted(request, decision.splitPoint(), rows));
            tell(listener, to -> to.decided(request, decision));
        });
    }

    /** Nothing after the end. */
    void fallback(Fallback why) {
        telling(() -> {
            LOG.log(Level.FINE, "request {0} is finished on the device: {1}", new Object[] {request, why.message()});
            tell(listener, to -> to.fallback(request, why));
        });
    }

    private void telling(Runnable events) {
        synchronized (this) {
            if (ended) {
                return;
            }
            begun = true;
            telling = true;
        }
        events.run();
        synchronized (this) {
            telling = false;
            if (!ended) {
                return;
            }
        }
        tellEnd();
    }

    /**
     * Once; while something is being told, the thread that tells it goes on with this.
     *
     * @param why null if there is an answer
     * @param how null if there is none
     */
    void ended(String why, Answer how) {
        synchronized (this) {
            ended = true;
            failure = why;
            answer = how;
            if (telling || !begun) {
                return;
            }
        }
        tellEnd();
    }

    private void tellEnd() {
        if (answer != null) {
            tell(listener, to -> to.requestAnswered(request, answer));
        }
        tell(listener, to -> to.requestEnded(request, failure));
    }

    /** Calls a listener; what it throws is logged and ignored. */
    static void tell(AgentListener listener, Consumer<AgentListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "an agent's listener failed", e);
        }
    }
}
