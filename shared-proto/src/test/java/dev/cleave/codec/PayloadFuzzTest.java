package dev.cleave.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Coverage-guided fuzzing of the decoder. The normal test run only replays the inputs in {@code
 * PayloadFuzzTestInputs}; this searches for new ones, ten minutes long:
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn -pl shared-proto test -Dtest=PayloadFuzzTest -Djazzer.hooks=true
 * </pre>
 */
class PayloadFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void decodesOrRejects(byte[] payload) {
        HostileBoundary.receive(payload);
    }
}
