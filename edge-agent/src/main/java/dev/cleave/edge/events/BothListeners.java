package dev.cleave.edge.events;

import java.util.function.Consumer;

/** Tells two listeners, one after the other; the second hears of everything whatever the first throws. */
final class BothListeners implements AgentListener {
    private final AgentListener first;
    private final AgentListener second;

    BothListeners(AgentListener first, AgentListener second) {
        this.first = first;
        this.second = second;
    }

    private void tell(Consumer<AgentListener> event) {
        try {
            event.accept(first);
        } finally {
            event.accept(second);
        }
    }

    @Override
    public void requestStarted(long request, int splitPoint, int rows) {
        tell(to -> to.requestStarted(request, splitPoint, rows));
    }

    @Override
    public void decided(long request, Decision decision) {
        tell(to -> to.decided(request, decision));
    }

    @Override
    public void fallback(long request, Fallback why) {
        tell(to -> to.fallback(request, why));
    }

    @Override
    public void requestAnswered(long request, Answer answer) {
        tell(to -> to.requestAnswered(request, answer));
    }

    @Override
    public void requestEnded(long request, String failure) {
        tell(to -> to.requestEnded(request, failure));
    }

    @Override
    public void stateReset(long stream, String why) {
        tell(to -> to.stateReset(stream, why));
    }

    @Override
    public void frameSuperseded(long stream) {
        tell(to -> to.frameSuperseded(stream));
    }

    @Override
    public void linkUp(String gateway, String gatewayVersion) {
        tell(to -> to.linkUp(gateway, gatewayVersion));
    }

    @Override
    public void linkDown(String gateway, String reason) {
        tell(to -> to.linkDown(gateway, reason));
    }

    @Override
    public void engineInUse(EngineUse use) {
        tell(to -> to.engineInUse(use));
    }

    @Override
    public void bundleUpdated(BundleVersion from, BundleVersion to) {
        tell(each -> each.bundleUpdated(from, to));
    }

    @Override
    public void updateRefused(BundleVersion offered, String why) {
        tell(to -> to.updateRefused(offered, why));
    }

    @Override
    public void rolledBack(BundleVersion from, BundleVersion to, String why) {
        tell(each -> each.rolledBack(from, to, why));
    }

    @Override
    public void shadowChecked(long request, ShadowCheck check) {
        tell(to -> to.shadowChecked(request, check));
    }
}
