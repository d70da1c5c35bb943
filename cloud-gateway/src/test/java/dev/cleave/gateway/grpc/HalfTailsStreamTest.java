package dev.cleave.gateway.grpc;

import static dev.cleave.gateway.grpc.TestAgent.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.HalfPrecision;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.Error;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are answered by tails in 16-bit floats, which in this model are off by a constant. */
class HalfTailsStreamTest {
    private static final TestModel MODEL = TestModel.named("affine").withHalves();

    @TempDir
    Path directory;

    @Test
    void everyPointIsAnsweredByItsTailInSixteenBits() throws Exception {
        assertAnswers(HalfPrecision.ALWAYS, "fp16", TestModel.HALF_OFF);
    }

    @Test
    void onACpuTheBundlesOwnPrecisionAnswers() throws Exception {
        assertAnswers(HalfPrecision.AUTO, "fp32", 0);
    }

    private void assertAnswers(HalfPrecision setting, String precision, float off) throws Exception {
        GatewayFixture gateway =
                new GatewayFixture(directory, GatewayConfig.builder().fp16(setting), MODEL);
        try {
            TestAgent agent = gateway.open(0);
            for (int point = 0; point <= 2; point++) {
                agent.send(frame(point + 1, point, 2), MODEL.payload(point, 3, -2));
                TestAgent.WholeReply reply = agent.reply(point + 1);
                assertThat(reply.header().getError()).isEqualTo(Error.getDefaultInstance());
                float[] values = MODEL.decode(point, 2, reply.payload());
                assertThat(values[0]).isEqualTo(TestModel.y(3) + off);
                assertThat(values[MODEL.width()]).isEqualTo(TestModel.y(-2) + off);
            }
            assertThat(gateway.calls()
                            .describe(DescribeRequest.getDefaultInstance())
                            .getBundles(0)
                            .getPrecision())
                    .isEqualTo(precision);
        } finally {
            gateway.close();
        }
    }
}
