package dev.cleave.gateway.oip;

import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that knows one token, {@code one} of the device {@code camera-1}, and calls with any. */
abstract class TokenFixture extends OipFixture {
    static final String ONE =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";

    @TempDir
    Path files;

    /** @param fields what the token lets its device do, as the tokens file has it */
    void startWithTokens(String fields) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest("one".getBytes(StandardCharsets.UTF_8));
        settings.tokens(Files.writeString(
                files.resolve("tokens"), HexFormat.of().formatHex(hash) + " camera-1 " + fields + "\n"));
        start();
    }

    /**
     * Asks over HTTP.
     *
     * @param body JSON to post, or null
     * @param authorization header, or null
     */
    HttpResponse<String> http(String path, String body, String authorization) throws Exception {
        HttpRequest.Builder request = gateway.to(path);
        if (body != null) {
            request.POST(BodyPublishers.ofString(body)).header("Content-Type", "application/json");
        }
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return gateway.send(request);
    }

    /** Calls over gRPC with a header. */
    GRPCInferenceServiceBlockingStub calls(String authorization) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
        return gateway.calls().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }
}
