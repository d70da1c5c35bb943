package dev.cleave.cli.daemon;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.edge.events.EngineUse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A line in the log for each change of the model, and of what runs it. */
final class UpkeepLog implements AgentListener {
    private static final Logger LOG = LoggerFactory.getLogger(UpkeepLog.class);

    @Override
    public void engineInUse(EngineUse use) {
        LOG.info("{}", use);
    }

    @Override
    public void bundleUpdated(BundleVersion from, BundleVersion to) {
        LOG.info("{} answers in place of {}, on trial", to, from);
    }

    @Override
    public void updateRefused(BundleVersion offered, String why) {
        LOG.warn("{} is not taken: {}", offered, why);
    }

    @Override
    public void rolledBack(BundleVersion from, BundleVersion to, String why) {
        LOG.warn("{} answers again in place of {}: {}", to, from, why);
    }
}
