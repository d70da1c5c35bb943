package dev.cleave.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices while the file that says what they may do changes. */
class DeviceTokensTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private final List<String> denied = new ArrayList<>();
    private Path file;
    private DeviceTokens tokens;

    private static String line(String token, String rest) {
        return HexFormat.of().formatHex(TokenTable.hash(token)) + " " + rest;
    }

    @BeforeEach
    void open() throws IOException {
        file = folder.resolve("tokens");
        write(line("one", "camera-1 rate=1/s burst=2 models=a*"), line("two", "camera-2"));
        tokens = DeviceTokens.open(file, (device, what) -> denied.add(device + " " + what), () -> 0);
    }

    private void write(String... lines) throws IOException {
        Files.write(file, List.of(lines));
    }

    @Test
    void aDeviceMayDoWhatTheFileSaysByNow() throws IOException {
        Device device = tokens.device("one");
        assertThat(device.name()).isEqualTo("camera-1");
        assertThat(device.mayUse("ab")).isTrue();
        assertThat(device.mayUse("b")).isFalse();
        write(line("one", "camera-1 models=b"), line("two", "camera-2"));
        assertThat(tokens.refresh()).isTrue();
        assertThat(device.mayUse("ab")).isFalse();
        assertThat(device.mayUse("b")).isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(device.charge(1, 0)).isNull();
        }
        write(line("two", "camera-2"));
        tokens.refresh();
        assertThat(device.isAllowed()).isFalse();
        assertThat(device.mayUse("b")).isFalse();
    }

    @Test
    void aTokenThatGoesToAnotherDeviceIsNotThisOnesAnyMore() throws IOException {
        Device device = tokens.device("one");
        write(line("one", "camera-3"));
        tokens.refresh();
        assertThat(device.isAllowed()).isFalse();
        assertThat(tokens.device("one").name()).isEqualTo("camera-3");
    }

    @Test
    void whatIsUsedUpIsTheDevicesWhicheverTokenItShowsAndStaysSoWhenTheFileIsReadAgain() throws IOException {
        assertThat(tokens.device("one").charge(1, 0)).isNull();
        write(line("one", "camera-1 rate=1/s burst=2"), line("new", "camera-1 rate=1/s burst=2"));
        tokens.refresh();
        assertThat(tokens.device("new").charge(1, 0)).isNull();
        assertThat(tokens.device("new").charge(1, 0)).isEqualTo(new Overdraft(Overdraft.Of.REQUESTS, SECOND));
        assertThat(tokens.device("one").charge(1, 0)).isNotNull();
        assertThat(denied).containsExactly("camera-1 rate", "camera-1 rate");
        assertThat(tokens.device("one").charge(1, SECOND)).isNull();
    }

    @Test
    void whoIsNotLimitedIsNotCounted() {
        Device device = tokens.device("two");
        for (int i = 0; i < 1_000; i++) {
            assertThat(device.charge(1 << 20, 0)).isNull();
            assertThat(device.openStream()).isTrue();
        }
        assertThat(denied).isEmpty();
        for (int i = 0; i < 1_000; i++) {
            assertThat(Device.ANYBODY.charge(1 << 20, 0)).isNull();
        }
        assertThat(Device.ANYBODY.mayUse("anything")).isTrue();
        assertThat(Device.ANYBODY.isAllowed()).isTrue();
    }

    @Test
    void aStreamIsCountedAlsoWhereTheTokenIsGoneWhenItOpens() throws IOException {
        write(line("one", "camera-1 streams=1"), line("two", "camera-2"));
        tokens.refresh();
        Device device = tokens.device("one");
        write(line("two", "camera-2"));
        tokens.refresh();
        assertThat(device.openStream()).as("it is ended when somebody looks").isTrue();
        device.closeStream();
        write(line("one", "camera-1 streams=1"));
        tokens.refresh();
        assertThat(device.openStream()).isTrue();
        assertThat(device.openStream()).isFalse();
        assertThat(denied).containsExactly("camera-1 streams");
    }

    @Test
    void aFileThatCannotBeReadChangesNothing() throws IOException {
        Device device = tokens.device("one");
        write(line("one", "camera-1 rate=fast"), line("two", "camera-2"));
        assertThatThrownBy(tokens::refresh)
                .hasMessage(file + ", line 1 has rate=fast; expected requests such as 50/s, 100/min or 20/h");
        assertThat(device.isAllowed()).isTrue();
        assertThat(device.mayUse("b")).isFalse();
        assertThat(device.charge(1, 0)).isNull();
        assertThat(device.charge(1, 0)).isNull();
        assertThat(device.charge(1, 0)).isNotNull();
    }

    @Test
    void operatorsMayDoEverythingOrTheFileIsRefused() throws IOException {
        assertThatThrownBy(() -> DeviceTokens.ofOperators(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " limits what camera-1 may do, which is for devices; expected names alone");
        write(line("one", "anna"));
        assertThat(DeviceTokens.ofOperators(file).device("one").name()).isEqualTo("anna");
    }
}
