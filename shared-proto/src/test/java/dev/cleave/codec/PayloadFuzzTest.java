package dev.cleave.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Coverage-guided fuzzing of the decoder. The normal test run replays the inputs that lie beside this class's
 * resources; {@code JAZZER_FUZZ=1 mvn -pl shared-proto test -Dtest=PayloadFuzzTest} searches for new ones.
 */
class PayloadFuzzTest {
    @FuzzTest(maxDuration = "5m")
    void decodesOrRejects(byte[] payload) {
        HostileBoundary.receive(payload);
    }
}
