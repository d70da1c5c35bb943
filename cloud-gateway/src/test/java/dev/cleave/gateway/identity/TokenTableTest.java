package dev.cleave.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTableTest {
    private static final Path FILE = Path.of("tokens.txt");

    private static TokenTable parse(String text) throws IOException {
        return TokenTable.parse(FILE, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String hash(String token) {
        return HexFormat.of().formatHex(TokenTable.hash(token));
    }

    @Test
    void knowsDevicesByTheHashOfTheirTokens() throws IOException {
        TokenTable table = parse("# devices of hall 7\n\n" + hash("one") + " camera-1\r\n  " + hash("two")
                + "\tcamera-2  \n" + hash("new") + " camera-1");
        assertThat(table.size()).isEqualTo(3);
        assertThat(table.deviceOf(TokenTable.hash("one"))).isEqualTo("camera-1");
        assertThat(table.deviceOf(TokenTable.hash("new"))).isEqualTo("camera-1");
        assertThat(table.deviceOf(TokenTable.hash("two"))).isEqualTo("camera-2");
        assertThat(table.deviceOf(TokenTable.hash("three"))).isNull();
        assertThat(table.deviceOf(TokenTable.hash(""))).isNull();
    }

    @Test
    void hashesAsOtherToolsDo() {
        // printf secret | sha256sum
        assertThat(hash("secret")).isEqualTo("2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"my-token camera-1", "2BB80D camera", "camera-1", "token with more than a name"})
    void namesTheLineThatIsNoTokenAndDoesNotShowIt(String line) {
        assertThatThrownBy(() -> parse("# one\n" + line))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "tokens.txt, line 2 is no token; expected its SHA-256 as 64 lower-case hex digits, a space and"
                                + " a device");
    }

    @Test
    void refusesADeviceWithoutAName() {
        assertThatThrownBy(() -> parse(hash("one"))).hasMessageContaining("line 1");
        assertThatThrownBy(() -> parse(hash("one") + " two words")).hasMessageContaining("line 1");
    }
}
