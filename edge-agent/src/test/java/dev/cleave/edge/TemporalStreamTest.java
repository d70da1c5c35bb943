package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.events.Source;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Frame;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Boundaries of a stream that are coded against those that the gateway holds. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TemporalStreamTest extends AgentFixture {
    private static final StreamSettings EXACT = StreamSettings.all(8).withAddedError(0);

    @BeforeEach
    void quantise() throws Exception {
        gateway.close();
        bundle = new AffineModel().quantised().full(folder);
        gateway = new FakeGateway(bundle);
    }

    /** One pixel moves. */
    private static Map<String, Tensor> scene(int time) {
        Map<String, Tensor> inputs = AffineModel.inputs(1, 0);
        inputs.get("x").data().putFloat(4 * (time * 7 % AffineModel.WIDTH), 60);
        return inputs;
    }

    private static void film(InferenceStream stream, int from, int to) throws Exception {
        for (int time = from; time < to; time++) {
            InferenceResult result = get(stream.submit(scene(time)));
            assertAnswers(result, scene(time));
            assertThat(result.fallback()).isNull();
            assertThat(result.source()).isEqualTo(Source.SPLIT);
        }
    }

    @Test
    void framesAreCodedAgainstTheLastOneThatTheGatewayHolds() throws Exception {
        InferenceStream stream = agent(Split.at(1)).stream(EXACT);
        film(stream, 0, 10);
        List<Frame> frames = gateway.chunks;
        assertThat(frames).hasSize(10);
        for (int i = 0; i < 10; i++) {
            assertThat(frames.get(i).getStreamId()).isEqualTo(stream.id());
            assertThat(frames.get(i).getStreamSequence()).isEqualTo(i + 1);
            assertThat(frames.get(i).getReferenceId()).isEqualTo(i);
            assertThat(frames.get(i).getHold()).isTrue();
        }
        assertThat(frames.get(9).getFrameBytes())
                .as("bytes of a frame in which a pixel moved")
                .isLessThan(frames.get(0).getFrameBytes() / 4);
    }

    @Test
    void manyAtOnceAreCodedAgainstWhatIsHeldByThen() throws Exception {
        gateway.script = FakeGateway.Script.HOLD;
        InferenceStream stream = agent(Split.at(1)).stream(EXACT);
        List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
        for (int time = 0; time < 8; time++) {
            futures.add(stream.submit(scene(time)));
        }
        for (int time = 0; time < 8; time++) {
            gateway.awaitRequest().answer();
        }
        for (int time = 0; time < 8; time++) {
            assertAnswers(get(futures.get(time)), scene(time));
        }
        assertThat(gateway.chunks).allMatch(frame -> frame.getReferenceId() < frame.getStreamSequence());
    }

    @Test
    void aFrameWhoseReferenceIsLostIsSentAgainAsAKeyFrame() throws Exception {
        InferenceStream stream = agent(Split.at(1)).stream(EXACT);
        film(stream, 0, 3);
        gateway.session().videos.forget();
        film(stream, 3, 5);
        List<Frame> frames = gateway.chunks;
        assertThat(frames).extracting(Frame::getReferenceId).containsExactly(0L, 1L, 2L, 3L, 0L, 5L);
        assertThat(frames.get(4).getRequestId()).isNotEqualTo(frames.get(3).getRequestId());
        assertThat(events).filteredOn(event -> event.startsWith("fallback")).isEmpty();
        assertThat(gateway.violations).isEmpty();
    }

    @Test
    void aGatewayThatLosesEveryReferenceIsStillAnsweredInTime() throws Exception {
        InferenceStream stream = agent(Split.at(1)).stream(EXACT.withDeadline(Duration.ofSeconds(1)));
        for (int time = 0; time < 5; time++) {
            film(stream, time, time + 1);
            gateway.session().videos.forget();
        }
    }

    @Test
    void afterAFrameOfWhichNothingWasHeardComesAKeyFrame() throws Exception {
        InferenceStream stream = agent(Split.at(1)).stream(EXACT);
        film(stream, 0, 3);
        gateway.script = FakeGateway.Script.SWALLOW;
        CompletableFuture<InferenceResult> swallowed = stream.submit(scene(3));
        gateway.awaitRequest();
        swallowed.cancel(true);
        gateway.script = FakeGateway.Script.ANSWER;
        film(stream, 4, 6);
        assertThat(gateway.chunks).extracting(Frame::getReferenceId).containsExactly(0L, 1L, 2L, 3L, 0L, 5L);
    }

    @Test
    void anotherConnectionBeginsWithAKeyFrame() throws Exception {
        InferenceStream stream = agent(Split.at(1)).stream(EXACT);
        film(stream, 0, 3);
        gateway.session().fail(Status.UNAVAILABLE.withDescription("scripted"));
        clock.advance(TimeUnit.SECONDS.toNanos(2));
        assertThat(gateway.opens).hasSize(2);
        film(stream, 3, 5);
        assertThat(gateway.chunks).extracting(Frame::getReferenceId).containsExactly(0L, 1L, 2L, 0L, 4L);
    }

    @Test
    void whatIsNotQuantisedGoesAsEver() throws Exception {
        InferenceStream stream = started(builder(bundle).split(Split.at(1)).quality("raw")).stream(EXACT);
        film(stream, 0, 3);
        assertThat(gateway.chunks).allMatch(frame -> frame.getStreamId() == 0 && frame.getReferenceId() == 0);
    }

    @Test
    void whereItIsSwitchedOffEveryFrameStandsAlone() throws Exception {
        InferenceStream stream = agent(Split.at(1)).stream(EXACT.withTemporal(false));
        film(stream, 0, 3);
        assertThat(gateway.chunks).allMatch(frame -> frame.getStreamId() == 0);
    }

    @Test
    void noMoreStreamsAreVideosThanAGatewayHoldsFramesOf() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        List<InferenceStream> streams = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            streams.add(agent.stream(EXACT));
        }
        film(streams.get(16), 0, 1);
        assertThat(gateway.chunks.get(0).getStreamId()).isZero();
        film(streams.get(0), 0, 1);
        assertThat(gateway.chunks.get(1).getStreamId()).isEqualTo(streams.get(0).id());
        streams.get(3).close();
        InferenceStream next = agent.stream(EXACT);
        film(next, 0, 1);
        assertThat(gateway.chunks.get(2).getStreamId()).isEqualTo(next.id());
    }

    @Test
    void whatTheGatewayHoldsGoesWithTheStream() throws Exception {
        EdgeAgent agent = agent(Split.at(1));
        InferenceStream alone = agent.stream(EXACT.withTemporal(false));
        InferenceStream video = agent.stream(EXACT);
        film(alone, 0, 2);
        film(video, 0, 2);
        alone.close();
        video.close();
        assertThat(gateway.forgotten.poll(60, TimeUnit.SECONDS)).isEqualTo(video.id());
    }

    /** What the codec adds in error is bounded by its settings, not by the length of the video. */
    @Test
    void addedErrorDoesNotGrowWithTheVideo() throws Exception {
        InferenceStream stream = agent(Split.at(1)).stream(StreamSettings.all(8));
        for (int time = 0; time < 60; time++) {
            float[] y =
                    AffineModel.floats(get(stream.submit(scene(time))).outputs().get("y"));
            float[] expected = AffineModel.expectedY(scene(time));
            double squares = 0;
            for (int i = 0; i < y.length; i++) {
                squares += Math.pow((y[i] - expected[i]) / 4, 2); // y is three steps of h, and one of bias
            }
            assertThat(squares / y.length).isLessThan(1);
        }
    }
}
