package dev.cleave.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.v2.InferParameter;
import dev.cleave.gateway.oip.v2.ModelMetadataRequest;
import dev.cleave.gateway.oip.v2.ModelMetadataResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OipMetadataTest {
    private static final String REFUSED = "cuda: the fake engine has only cpu";

    @TempDir
    Path models;

    private static InferParameter text(String value) {
        return InferParameter.newBuilder().setStringParam(value).build();
    }

    @Test
    void tellsWhichProviderRunsAModelAndWhyOthersDoNot() throws Exception {
        TestModel.named("m").write(models);
        try (OipGateway gateway = new OipGateway(models, GatewayConfig.builder().providers(List.of("cuda")))) {
            JsonNode json =
                    new ObjectMapper().readTree(gateway.get("/v2/models/m").body());
            assertThat(json.path("parameters").toString())
                    .isEqualTo("{\"provider\":\"cpu\",\"precision\":\"fp32\",\"remarks\":\"" + REFUSED + "\"}");
            ModelMetadataResponse message = gateway.calls()
                    .modelMetadata(ModelMetadataRequest.newBuilder()
                            .setName("m.split-1")
                            .build());
            assertThat(message.getParametersMap())
                    .isEqualTo(Map.of("provider", text("cpu"), "precision", text("fp32"), "remarks", text(REFUSED)));
        }
    }
}
