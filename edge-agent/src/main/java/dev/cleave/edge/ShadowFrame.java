package dev.cleave.edge;

import dev.cleave.codec.CodecException;
import dev.cleave.codec.Entropy;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayReply;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.OutgoingFrame;
import dev.cleave.edge.link.ReplyHandler;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.link.VideoPlace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A request's inputs on their way to the gateway for a second run. Served after everybody's requests; given up at the first doubt,
 * and after a while. Thread-safe.
 */
final class ShadowFrame implements ReplyHandler, GatewayLink.Waiter {
    private static final Logger LOG = Logger.getLogger(ShadowFrame.class.getName());
    private static final int PRIORITY = -1;

    /** Encodes the inputs. */
    interface Encoding {
        ByteBuffer encode(Entropy entropy) throws IOException, InferenceException;
    }

    /** Takes the gateway's outputs. */
    interface Outputs {
        void accept(ByteBuffer payload) throws CodecException;
    }

    /** Told what a frame took of the budget. */
    interface Spending {
        void spent(long nanos, long bytes);
    }

    private final AgentParts agent;
    private final long id;
    private final int rows;
    private final int level;
    private final Encoding encoding;
    private final Outputs outputs;
    private final Spending spending;
    private final Runnable atEnd;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile GatewayStream stream;
    private volatile Scheduler.Timer timer = () -> {};

    /**
     * @param level of point 0 that keeps inputs as they are
     * @param atEnd run once, however it ends
     */
    ShadowFrame(
            AgentParts agent,
            int rows,
            int level,
            Encoding encoding,
            Outputs outputs,
            Spending spending,
            Runnable atEnd) {
        this.agent = agent;
        this.id = agent.newId();
        this.rows = rows;
        this.level = level;
        this.encoding = encoding;
        this.outputs = outputs;
        this.spending = spending;
        this.atEnd = atEnd;
    }

    /** Encodes and sends if a stream is open just now, and nobody's frames wait for it; else ends. */
    void send() {
        agent.link().whenOpen(this);
        if (stream == null) {
            agent.link().forget(this);
            end();
        }
    }

    @Override
    public boolean isPatient() {
        return false;
    }

    @Override
    public void opened(GatewayStream open) {
        stream = open;
        if (ended.get() || agent.link().waitingBytes() > 0) {
            end();
            return;
        }
        long began = agent.scheduler().nanoTime();
        long bytes = 0;
        try {
            ByteBuffer payload = encoding.encode(open.entropy());
            bytes = payload.remaining();
            long deadline = agent.scheduler().nanoTime() + Shadows.LIMIT_NANOS;
            timer = agent.scheduler().schedule(this::giveUp, deadline);
            if (!open.send(
                    new OutgoingFrame(
                            id, 0, rows, level, PRIORITY, deadline, VideoPlace.NONE, GatewayState.NOWHERE, payload),
                    this)) {
                bytes = 0;
                end();
            }
        } catch (IOException | InferenceException | RuntimeException e) {
            LOG.log(Level.FINE, "a second run could not be sent", e);
            end();
        } finally {
            spending.spent(agent.scheduler().nanoTime() - began, bytes);
        }
    }

    @Override
    public void unavailable(LinkFailure failure) {
        end();
    }

    @Override
    public void handedOver(long nowNanos) {}

    @Override
    public void acknowledged(long held, long nowNanos) {}

    @Override
    public void doubted(LinkFailure why) {
        giveUp();
    }

    private void giveUp() {
        GatewayStream sentOn = stream;
        if (end() && sentOn != null) {
            sentOn.cancel(id);
        }
    }

    @Override
    public void replied(GatewayReply reply) {
        if (!end()) {
            return;
        }
        try {
            outputs.accept(reply.payload().duplicate());
        } catch (CodecException | RuntimeException e) {
            LOG.log(Level.FINE, "outputs of a second run do not decode", e);
        }
    }

    @Override
    public void failed(LinkFailure failure) {
        end();
    }

    /** True for the first. */
    private boolean end() {
        boolean first = ended.compareAndSet(false, true);
        if (first) {
            timer.cancel();
            atEnd.run();
        }
        return first;
    }
}
