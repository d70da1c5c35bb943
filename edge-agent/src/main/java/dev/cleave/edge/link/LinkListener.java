package dev.cleave.edge.link;

/** Told when the link comes and goes: the two alternate, whichever is first. Called without a lock. */
public interface LinkListener {
    void up(String gatewayVersion);

    void down(LinkFailure why);
}
