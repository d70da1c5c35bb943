package dev.cleave.gateway.oip.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When calls are served: deadlines, cancellation, priority, a full queue. */
class GrpcScheduleTest extends OverGrpc {
    @Test
    void answersADeadlineThatPassesInTheQueueOrInTheRun() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        Pending running = send(typed("m", "x", 1).putParameters("timeout", number(3_000_000)));
        gateway.engine.awaitHeld(1);
        int before = gateway.engine.runs().size();
        Pending queued = send(typed("m", "x", 2).putParameters("timeout", number(100_000)));
        for (Pending pending : List.of(queued, running)) {
            Status status = (Status) pending.next();
            assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(status.getDescription()).startsWith("deadline passed after ");
        }
        gateway.engine.release();
        infer(typed("m", "x", 3));
        assertThat(gateway.engine.runs().size() - before)
                .as("two segments more of the first, three of the last, none of what expired in line")
                .isEqualTo(5);
        assertThat(running.events).isEmpty();
        gateway.awaitMetric(
                "cleave_requests_total{model=\"m\",outcome=\"deadline_exceeded\",point=\"0\",version=\"1\"} 2.0");
    }

    @Test
    void takesTheCallsDeadlineForTheRequests() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        Pending first = send(typed("m", "x", 1));
        gateway.engine.awaitHeld(1);
        assertThatThrownBy(() -> gateway.calls()
                        .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
                        .modelInfer(typed("m", "x", 2).build()))
                .hasMessageContaining("DEADLINE_EXCEEDED");
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 0.0");
        gateway.engine.release();
        assertThat(first.next()).isInstanceOf(ModelInferResponse.class);
    }

    @Test
    void takesACancelledRequestOutOfLine() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        Pending running = send(typed("m", "x", 1));
        gateway.engine.awaitHeld(1);
        Pending waiting = send(typed("m", "x", 2));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 1.0");
        waiting.call.cancel("test", null);
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 0.0");
        gateway.awaitMetric("cleave_drops_total{model=\"m\",reason=\"cancelled\",version=\"1\"} 1.0");
        gateway.engine.release();
        assertThat(running.next()).isInstanceOf(ModelInferResponse.class);
        assertThat(running.next()).isEqualTo(Status.OK);
    }

    @Test
    void saysWhenToComeBackIfTheQueueIsFull() throws Exception {
        settings.queueBound(1);
        start(TestModel.named("m"));
        infer(typed("m", "x", 1)); // Only then is the time of a run known.
        gateway.engine.hold();
        send(typed("m", "x", 1));
        gateway.engine.awaitHeld(1);
        send(typed("m", "x", 2));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 1.0");
        assertThatThrownBy(() -> infer(typed("m", "x", 3))).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(e.getStatus().getDescription()).isEqualTo("queue of model \"m\" is full");
            assertThat(e.getTrailers().get(Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER)))
                    .matches("[1-9][0-9]*");
        });
    }

    @Test
    void servesTheHigherPriorityFirst() throws Exception {
        settings.maxBatch(1);
        start(TestModel.named("m"));
        gateway.engine.hold();
        Pending running = send(typed("m", "x", 1));
        gateway.engine.awaitHeld(1);
        Pending normal = send(typed("m", "x", 2));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 1.0");
        Pending second = send(typed("m", "x", 3).putParameters("priority", number(2)));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 2.0");
        Pending urgent = send(typed("m", "x", 4).putParameters("priority", number(1)));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\",version=\"1\"} 3.0");
        gateway.engine.failNext("the one that runs");
        gateway.engine.failNext("the next one");
        gateway.engine.release();
        assertThat(((Status) running.next()).getDescription()).contains("the one that runs");
        assertThat(((Status) urgent.next()).getDescription()).contains("the next one");
        assertThat(second.next()).isInstanceOf(ModelInferResponse.class);
        assertThat(normal.next()).isInstanceOf(ModelInferResponse.class);
    }
}
