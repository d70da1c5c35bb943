package dev.cleave.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        assertThat(table.entryOf(TokenTable.hash("one")).device()).isEqualTo("camera-1");
        assertThat(table.entryOf(TokenTable.hash("new")).device()).isEqualTo("camera-1");
        assertThat(table.entryOf(TokenTable.hash("two")).device()).isEqualTo("camera-2");
        assertThat(table.entryOf(TokenTable.hash("three"))).isNull();
        assertThat(table.entryOf(TokenTable.hash(""))).isNull();
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

    private Grant grantOf(String text) throws IOException {
        return parse(hash("one") + " " + text).entryOf(TokenTable.hash("one")).grant();
    }

    @Test
    void readsWhatADeviceMayDo() throws IOException {
        assertThat(grantOf("camera-1")).isEqualTo(Grant.ALL);
        assertThat(grantOf("camera-1  bytes=10M/s\tmodels=resnet,lines* burst=100 rate=50/s   streams=4"))
                .isEqualTo(new Grant(
                        List.of("resnet", "lines*"),
                        new Rate(50, 1_000_000_000L),
                        100,
                        new Rate(10 << 20, 1_000_000_000L),
                        4));
        assertThat(grantOf("a=b#c rate=90/min").requests()).isEqualTo(new Rate(90, 60_000_000_000L));
        assertThat(grantOf("camera-1 rate=90/min").burst()).isEqualTo(1);
        assertThat(grantOf("camera-1 rate=20/h burst=5").burst()).isEqualTo(5);
    }

    @Test
    void modelsAreNamesOrBeginningsOfNames() throws IOException {
        Grant some = grantOf("camera-1 models=resnet,lines*");
        assertThat(some.allows("resnet")).isTrue();
        assertThat(some.allows("resnet50")).isFalse();
        assertThat(some.allows("Resnet")).isFalse();
        assertThat(some.allows("lines")).isTrue();
        assertThat(some.allows("lines-2")).isTrue();
        assertThat(some.allows("outlines")).isFalse();
        assertThat(some.allows("")).isFalse();
        assertThat(grantOf("camera-1 models=*").allows("anything")).isTrue();
        assertThat(Grant.ALL.allows("anything")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "models=|has models=; expected names with commas between them",
                "models=a,,b|has models=a,,b; expected names",
                "models=a*b|has models=a*b; expected names",
                "models=a/b|has models=a/b; expected names",
                "rate=50|has rate=50; expected requests such as 50/s, 100/min or 20/h",
                "rate=0/s|has rate=0/s; expected",
                "rate=-1/s|has rate=-1/s; expected",
                "rate=1.5/s|has rate=1.5/s; expected",
                "rate=9999999999/s|has rate=9999999999/s; expected",
                "rate=1/day|has rate=1/day; expected",
                "burst=5|has burst=5 without rate=; expected both",
                "rate=1/s burst=0|has burst=0; expected a number from 1 to 1000000000",
                "rate=1/s burst=2000000000|has burst=2000000000; expected",
                "bytes=10M|has bytes=10M; expected a size such as 10M/s or 1G/h",
                "bytes=0/s|has bytes=0/s; expected",
                "bytes=many/s|has bytes=many/s; expected",
                "bytes=9999999G/s|has bytes=9999999G/s; expected",
                "streams=none|has streams=none; expected a number from 1 to 1048576",
                "rate=1/s rate=2/s|has rate= twice; expected it once",
                "s=1|has something behind the device that is no field; expected models=, rate=, burst=, bytes= or streams=",
                "QmVhcmVyIHNlY3JldA|has something behind the device that is no field"
            })
    void namesTheFieldThatItCannotRead(String fields, String expected) {
        assertThatThrownBy(() -> parse("# one\n\n" + hash("one") + " camera-1 " + fields))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("tokens.txt, line 3 " + expected)
                .hasMessageNotContaining("QmVhcmVyIHNlY3JldA");
    }

    @Test
    void aDeviceMayDoTheSameWhicheverOfItsTokensItShows() throws IOException {
        assertThatThrownBy(() -> parse(
                        hash("one") + " camera-1 rate=1/s\n" + hash("two") + " camera-2\n" + hash("new") + " camera-1"))
                .hasMessage("tokens.txt, line 3 lets camera-1 do something else than line 1; expected the same of one"
                        + " device");
        assertThat(parse(hash("one") + " camera-1 rate=1/s\n" + hash("new") + " camera-1  rate=1/s burst=1")
                        .size())
                .isEqualTo(2);
    }
}
