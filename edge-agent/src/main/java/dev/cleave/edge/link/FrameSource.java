package dev.cleave.edge.link;

/** A frame that is coded when its turn comes, and sent with {@link GatewayStream#send}; told of doubts and failures while it waits. */
public interface FrameSource extends ReplyHandler {
    /** Whether it need not wait until larger ones are sent: what it is coded from is so little that it may be held coded as well. */
    boolean isSmall();

    /** Its turn: to be coded and sent, or {@link GatewayStream#withdraw withdrawn}; others wait for that. */
    void turn(GatewayStream stream);

    /** The stream takes nothing more, although nothing is wrong with it. Not to be answered on this thread: its owner may not know yet. */
    void turnedAway();
}
