package dev.cleave.cli.daemon.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What the system tells of its networks. */
class NetworksTest {
    @Test
    void readsDefaultRoutesOfVersion4() throws Exception {
        List<String> lines = List.of(
                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                         ",
                "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0                                              ",
                "tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0                                                ",
                "tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000080\t0\t0\t0                                                ",
                "wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0                                              ");
        assertThat(DefaultRoutes.version4(lines)).containsExactly("tun0", "wlan0 via 192.168.1.1");
    }

    @Test
    void readsDefaultRoutesOfVersion6() throws Exception {
        String none = "00000000000000000000000000000000";
        List<String> lines = List.of(
                none + " 00 " + none
                        + " 00 fe80000000000000021122fffe334455 00000400 00000001 00000000 00000003    wlan0",
                none + " 00 " + none + " 00 " + none + " ffffffff 00000001 00000000 00200200       lo",
                "20010db8000000000000000000000000 40 " + none + " 00 " + none
                        + " 00000100 00000001 00000000 00000001    wlan0");
        assertThat(DefaultRoutes.version6(lines)).containsExactly("wlan0 via fe80:0:0:0:211:22ff:fe33:4455");
    }

    @Test
    void linesOfAnotherFormAreNoRoutes() throws Exception {
        List<String> lines = List.of("", "wlan0", "wlan0 00000000 0101A8 3 0 0 0 00000000", "x y z");
        assertThat(DefaultRoutes.version4(lines)).isEmpty();
        assertThat(DefaultRoutes.version6(lines)).isEmpty();
    }

    @Test
    void thisMachinesNetworksAreTheSameTwiceAndNeverItsLoopback() throws Exception {
        Networks networks = Networks.read();
        assertThat(networks).isEqualTo(Networks.read());
        assertThat(networks.addresses()).noneMatch(address -> address.startsWith("lo "));
    }
}
