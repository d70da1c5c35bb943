package dev.cleave.gateway.oip;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.model.TestModel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A gateway for one test, which speaks the Open Inference Protocol. */
public abstract class OipFixture {
    @TempDir
    protected Path models;

    protected final GatewayConfigBuilder settings = GatewayConfig.builder();
    protected OipGateway gateway;

    @AfterEach
    protected void close() {
        if (gateway != null) {
            gateway.close();
        }
    }

    /** Serves these, and what lies in the folder already, with the settings as they are. */
    protected void start(TestModel... served) throws Exception {
        for (TestModel model : served) {
            model.write(models);
        }
        gateway = new OipGateway(models, settings);
    }
}
