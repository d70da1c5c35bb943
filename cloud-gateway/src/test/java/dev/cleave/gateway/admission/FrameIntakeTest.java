package dev.cleave.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.ByteString;
import dev.cleave.gateway.admission.FrameIntake.Step;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.wire.ReassemblyLimits;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameIntakeTest {
    private static final int CREDIT = 3;
    private static final long AGE = 1_000;
    private final FrameIntake intake =
            new FrameIntake(CREDIT, new ReassemblyLimits(100_000, 10_000, 200_000, CREDIT, AGE));

    private static Frame chunk(long id, int index, int count, int bytes) {
        return Frame.newBuilder()
                .setRequestId(id)
                .setChunkIndex(index)
                .setChunkCount(count)
                .setFrameBytes((long) bytes * count)
                .setPayload(ByteString.copyFrom(new byte[bytes]))
                .build();
    }

    @Test
    void takesCreditWithTheFirstChunkAndGivesItBackWithTheReply() {
        assertThat(intake.offer(chunk(1, 0, 2, 2000), 0)).isInstanceOf(Step.Waiting.class);
        assertThat(intake.inFlight()).isEqualTo(1);
        assertThat(intake.bufferedBytes()).isEqualTo(2000);
        Step.Whole whole = (Step.Whole) intake.offer(chunk(1, 1, 2, 2000), 70);
        assertThat(whole.payload().remaining()).isEqualTo(4000);
        assertThat(whole.firstChunkNanos()).isZero();
        assertThat(intake.bufferedBytes()).isZero();
        assertThat(intake.inFlight()).isEqualTo(1);
        intake.replySent();
        assertThat(intake.inFlight()).isZero();
    }

    @Test
    void rejectsAFrameWithoutCreditAndIgnoresItsOtherChunks() {
        for (int id = 1; id <= CREDIT; id++) {
            assertThat(intake.offer(chunk(id, 0, 1, 10), 0)).isInstanceOf(Step.Whole.class);
        }
        Step.Rejected rejected = (Step.Rejected) intake.offer(chunk(9, 0, 2, 2000), 0);
        assertThat(rejected.charged()).isFalse();
        assertThat(rejected.refusal().code()).isEqualTo(Error.Code.LIMIT_EXCEEDED);
        assertThat(rejected.refusal().releasedBytes()).isEqualTo(2000);
        assertThat(intake.offer(chunk(9, 1, 2, 2000), 0)).isEqualTo(new Step.Ignored(2000));
        assertThat(intake.bufferedBytes()).isZero();
        assertThat(intake.inFlight()).isEqualTo(CREDIT);
    }

    @Test
    void refusesToGiveBackWhatWasNotTaken() {
        assertThatIllegalStateException().isThrownBy(intake::replySent);
    }

    @Test
    void tellsOfAFrameThatIsTooOld() {
        intake.offer(chunk(1, 0, 2, 2000), 0);
        assertThat(intake.expire(AGE - 1)).isEmpty();
        assertThat(intake.expire(AGE)).singleElement().satisfies(rejected -> {
            assertThat(rejected.charged()).isTrue();
            assertThat(rejected.refusal().releasedBytes()).isEqualTo(2000);
        });
        assertThat(intake.cancel(1, AGE)).isNull();
    }

    /** Bytes and frames taken are always what is open, whatever an agent sends. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void keepsItsBooksUnderAnyInput(long seed) {
        Random random = new Random(seed);
        long sent = 0;
        long returned = 0;
        int owed = 0;
        for (int now = 0; now < 20_000; now++) {
            int dice = random.nextInt(20);
            if (dice == 0 && owed > 0) {
                owed--;
                intake.replySent();
            } else if (dice == 1) {
                Step.Rejected cancelled = intake.cancel(random.nextInt(12), now);
                if (cancelled != null) {
                    returned += cancelled.refusal().releasedBytes();
                    owed++;
                }
            } else if (dice == 2) {
                for (Step.Rejected late : intake.expire(now)) {
                    returned += late.refusal().releasedBytes();
                    owed++;
                }
            } else {
                boolean inUse = dice == 3;
                Frame chunk = chunk(
                        random.nextInt(12) + (inUse ? 100 : 0),
                        random.nextInt(3),
                        random.nextInt(4),
                        random.nextInt(3000));
                sent += chunk.getPayload().size();
                Step step = inUse ? intake.ignore(chunk, now) : intake.offer(chunk, now);
                if (step instanceof Step.Whole whole) {
                    returned += whole.payload().remaining();
                    owed++;
                } else if (step instanceof Step.Rejected rejected) {
                    returned += rejected.refusal().releasedBytes();
                    owed += rejected.charged() ? 1 : 0;
                } else if (step instanceof Step.Ignored ignored) {
                    returned += ignored.bytes();
                }
            }
            assertThat(intake.inFlight()).isBetween(owed, CREDIT);
            assertThat(sent - returned).isEqualTo(intake.bufferedBytes());
        }
    }
}
