package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.v1.Error;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LinkFailureTest {
    private static final Map<Error.Code, LinkFailure.Kind> NOT_REFUSALS = new EnumMap<>(Error.Code.class);

    static {
        NOT_REFUSALS.put(Error.Code.DEADLINE_EXCEEDED, LinkFailure.Kind.DEADLINE);
        NOT_REFUSALS.put(Error.Code.CANCELLED, LinkFailure.Kind.CANCELLED);
        NOT_REFUSALS.put(Error.Code.OVERLOADED, LinkFailure.Kind.OVERLOADED);
        NOT_REFUSALS.put(Error.Code.DRAINING, LinkFailure.Kind.UNAVAILABLE);
        NOT_REFUSALS.put(Error.Code.REFERENCE_LOST, LinkFailure.Kind.REFERENCE_LOST);
        NOT_REFUSALS.put(Error.Code.STATE_LOST, LinkFailure.Kind.STATE_LOST);
        NOT_REFUSALS.put(Error.Code.EXECUTION_FAILED, LinkFailure.Kind.EXECUTION);
    }

    @ParameterizedTest
    @EnumSource(value = Error.Code.class, mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
    void everyCodeHasItsKind(Error.Code code) {
        LinkFailure failure = LinkFailure.of(
                Error.newBuilder().setCode(code).setMessage("why").build());
        assertThat(failure.kind()).isEqualTo(NOT_REFUSALS.getOrDefault(code, LinkFailure.Kind.REFUSED));
        assertThat(failure.message()).isEqualTo("gateway: " + code + ": why");
    }

    @Test
    void aCodeOfALaterReleaseIsARefusal() {
        Error later = Error.newBuilder().setCodeValue(99).build();
        assertThat(LinkFailure.of(later).kind()).isEqualTo(LinkFailure.Kind.REFUSED);
    }

    @Test
    void foreignTextBecomesOneBoundedLine() {
        assertThat(LinkFailure.line("a\nb\u001b[31m")).isEqualTo("a b [31m");
        assertThat(LinkFailure.line("x".repeat(10_000))).hasSize(300);
    }
}
