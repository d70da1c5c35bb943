package dev.cleave.gateway.oip.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.codec.CodecParams;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.Datatype;
import dev.cleave.gateway.oip.TypesModel;
import dev.cleave.tensor.ElementType;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The protocol over HTTP, as its specification has it. */
class InferenceEndpointsTest extends OverHttp {
    @Test
    void tellsHealthAndMetadata() throws Exception {
        start(TestModel.named("m"));
        assertThat(gateway.get("/v2/health/live").body()).isEqualTo("{\"live\":true}\n");
        assertThat(gateway.get("/v2/health/ready").body()).isEqualTo("{\"ready\":true}\n");
        assertThat(gateway.get("/v2/models/m/ready").body()).isEqualTo("{\"name\":\"m\",\"ready\":true}\n");
        assertThat(gateway.get("/v2/models/m.split-1/versions/1/ready").statusCode())
                .isEqualTo(200);
        assertThat(gateway.get("/v2").body())
                .startsWith("{\"name\":\"cleave-gateway\",\"version\":\"")
                .endsWith("\"extensions\":[\"binary_tensor_data\",\"schedule_policy\"]}\n");
        String metadata = "{\"name\":\"m.split-1\",\"versions\":[\"1\"],\"platform\":\"onnx_onnxv1\","
                + "\"inputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[-1,4]}],"
                + "\"outputs\":[{\"name\":\"early\",\"datatype\":\"FP32\",\"shape\":[-1,4]},"
                + "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1,4]}],"
                + "\"parameters\":{\"provider\":\"cpu\",\"precision\":\"fp32\"}}\n";
        assertThat(gateway.get("/v2/models/m.split-1").body()).isEqualTo(metadata);
        assertThat(gateway.get("/v2/models/m.split-1/versions/1").body()).isEqualTo(metadata);
        assertThat(gateway.get("/v2/models/m").headers().firstValue("Content-Type"))
                .hasValue("application/json");
    }

    @Test
    void answersInJson() throws Exception {
        start(TestModel.named("m").withReplies(new CodecParams.Fp16(), new CodecParams.Fp16()));
        HttpResponse<String> response = gateway.post(
                "/v2/models/m/infer",
                "{'id':'7','inputs':[{'name':'x','shape':[2,4],'datatype':'FP32',"
                        + "'data':[[1,2,3,4],[0.1,0.25,-1,0]]}],'outputs':[{'name':'y'}],'parameters':{'mine':{'a':1}}}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue(JSON_LENGTH)).isEmpty();
        assertThat(response.body())
                .isEqualTo("{\"model_name\":\"m\",\"model_version\":\"1\",\"id\":\"7\",\"outputs\":[{\"name\":\"y\","
                        + "\"datatype\":\"FP32\",\"shape\":[2,4],\"data\":[14.0,20.0,26.0,32.0,8.6,9.5,2.0,8.0]}]}\n");
    }

    @Test
    void answersWithoutAnIdIfThereWasNone() throws Exception {
        start(TestModel.named("m"));
        JsonNode body =
                JSON.readTree(gateway.post("/v2/models/m/versions/1/infer", ONE).body());
        assertThat(body.has("id")).isFalse();
        assertThat(body.get("outputs")).hasSize(2);
    }

    @Test
    void runsTailsFromTheBoundary() throws Exception {
        start(TestModel.named("m"));
        String json = "{'inputs':[{'name':'b','shape':[1,4],'datatype':'FP32','data':[1,2,3,4]}]}";
        assertThat(gateway.post("/v2/models/m.split-2/infer", json).body())
                .contains("\"model_name\":\"m.split-2\"")
                .contains("\"data\":[6.0,7.0,8.0,9.0]")
                .doesNotContain("early");
    }

    @Test
    void takesAndGivesTensorsAsBytes() throws Exception {
        start(TestModel.named("m"));
        String json = "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','parameters':{'binary_data_size':16}}],"
                + "'parameters':{'binary_data_output':true},"
                + "'outputs':[{'name':'y'},{'name':'early','parameters':{'binary_data':false}}]}";
        HttpResponse<byte[]> response =
                gateway.sendForBytes(binary("/v2/models/m/infer", json, floats(1, 2, 3, Float.NaN)));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
        int length = Integer.parseInt(response.headers().firstValue(JSON_LENGTH).orElseThrow());
        assertThat(new String(response.body(), 0, length, StandardCharsets.UTF_8))
                .isEqualTo("{\"model_name\":\"m\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"y\","
                        + "\"datatype\":\"FP32\",\"shape\":[1,4],\"parameters\":{\"binary_data_size\":16}},"
                        + "{\"name\":\"early\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[2.0,4.0,6.0,null]}]}");
        assertThat(Arrays.copyOfRange(response.body(), length, response.body().length))
                .isEqualTo(floats(14, 20, 26, Float.NaN));
        assertThat(response.headers().firstValue("Content-Length")).hasValue(Integer.toString(length + 16));
    }

    @Test
    void takesTextAndGivesBytesAndTheReverse() throws Exception {
        start(TestModel.named("m"));
        HttpResponse<byte[]> bytes = gateway.sendForBytes(gateway.to("/v2/models/m/infer")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(join(
                        ONE.substring(0, ONE.length() - 1)
                                + ",'outputs':[{'name':'y','parameters':{'binary_data':true}}]}",
                        new byte[0]))));
        int length = Integer.parseInt(bytes.headers().firstValue(JSON_LENGTH).orElseThrow());
        assertThat(Arrays.copyOfRange(bytes.body(), length, bytes.body().length))
                .isEqualTo(floats(14, 20, 26, 32));
        String json = "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','parameters':{'binary_data_size':16}}]}";
        HttpResponse<String> text = gateway.send(binary("/v2/models/m/infer", json, floats(1, 2, 3, 4)));
        assertThat(text.body()).contains("[14.0,20.0,26.0,32.0]");
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void carriesEveryTypeAsBytesAndAsText(ElementType type) throws Exception {
        TypesModel.write(models, type);
        start();
        byte[] elements = new byte[6 * type.bytes()];
        Arrays.fill(elements, (byte) 1);
        String declared = "{'inputs':[{'name':'" + TypesModel.in(type) + "','shape':[2,3],'datatype':'"
                + Datatype.of(type) + "',";
        String binary = declared + "'parameters':{'binary_data_size':" + elements.length + "}}]}";
        HttpResponse<String> text = gateway.send(binary("/v2/models/types/infer", binary, elements));
        assertThat(text.statusCode()).as(text.body()).isEqualTo(200);
        JsonNode data = JSON.readTree(text.body()).at("/outputs/0/data");
        assertThat(data).hasSize(6);
        HttpResponse<byte[]> bytes = gateway.sendForBytes(gateway.to("/v2/models/types/infer")
                .POST(BodyPublishers.ofByteArray(join(
                        declared + "'data':" + data + "}],'parameters':{'binary_data_output':true}}", new byte[0]))));
        int length = Integer.parseInt(bytes.headers().firstValue(JSON_LENGTH).orElseThrow());
        assertThat(Arrays.copyOfRange(bytes.body(), length, bytes.body().length))
                .isEqualTo(elements);
    }

    @Test
    void aRunThatFailsIsAnError500() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.failNext("no such kernel");
        assertError(gateway.post("/v2/models/m/infer", ONE), 500, "no such kernel");
    }
}
