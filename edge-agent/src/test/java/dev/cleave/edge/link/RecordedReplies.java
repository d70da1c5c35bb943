package dev.cleave.edge.link;

import java.util.ArrayList;
import java.util.List;

/** A handler that keeps the replies to its frames, in their order, and lets go of everything else that it hears. */
public class RecordedReplies implements ReplyHandler {
    final List<GatewayReply> replies = new ArrayList<>();

    @Override
    public void handedOver(long nowNanos) {}

    @Override
    public void acknowledged(long held, long nowNanos) {}

    @Override
    public void doubted(LinkFailure why) {}

    @Override
    public void replied(GatewayReply reply) {
        replies.add(reply);
    }

    @Override
    public void failed(LinkFailure failure) {}
}
