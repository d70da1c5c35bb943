package dev.cleave.gateway.oip.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.gateway.oip.OipFixture;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A gateway for one test, and requests to it over HTTP. */
abstract class OverHttp extends OipFixture {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String ONE = "{'inputs':[{'name':'x','shape':[1,4],'datatype':'FP32','data':[1,2,3,4]}]}";
    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    static void assertError(HttpResponse<String> response, int status, String part) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode body = JSON.readTree(response.body());
        assertThat(body.properties()).hasSize(1);
        assertThat(body.get("error").textValue()).contains(part).doesNotContain("\n");
    }

    static byte[] join(String json, byte[] behind) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        body.writeBytes(behind);
        return body.toByteArray();
    }

    HttpRequest.Builder binary(String path, String json, byte... behind) {
        return gateway.to(path)
                .header(JSON_LENGTH, Integer.toString(json.length()))
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(join(json, behind)));
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    static String line(InputStream in) throws Exception {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(StandardCharsets.US_ASCII);
    }
}
