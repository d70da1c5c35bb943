package dev.cleave.sample.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.content.Context;
import android.net.ConnectivityManager;
import android.net.Network;
import android.net.NetworkCapabilities;
import android.os.Handler;
import android.os.Looper;
import dev.cleave.sample.SampleRunner;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.shadows.ShadowConnectivityManager;
import org.robolectric.shadows.ShadowNetwork;
import org.robolectric.shadows.ShadowNetworkCapabilities;

@RunWith(SampleRunner.class)
public class NetworkWatchTest {
    private final Context context = RuntimeEnvironment.getApplication();
    private final AtomicInteger changes = new AtomicInteger();

    private ShadowConnectivityManager connectivity() {
        return shadowOf(context.getSystemService(ConnectivityManager.class));
    }

    private NetworkWatch watch() {
        return new NetworkWatch(context, new Handler(Looper.getMainLooper()), changes::incrementAndGet);
    }

    @Test
    public void tellsOfAnotherNetworkUntilItIsClosed() {
        int before = connectivity().getNetworkCallbacks().size();
        Network wifi = ShadowNetwork.newInstance(1);
        Network cellular = ShadowNetwork.newInstance(2);
        try (NetworkWatch watch = watch()) {
            assertThat(connectivity().getNetworkCallbacks()).hasSize(before + 1).contains(watch);
            watch.onAvailable(wifi);
            assertThat(changes).hasValue(0);
            watch.onAvailable(cellular);
            assertThat(changes).hasValue(1);
            watch.onLost(cellular);
            watch.onAvailable(cellular);
            assertThat(changes).hasValue(2);
        }
        assertThat(connectivity().getNetworkCallbacks()).hasSize(before);
    }

    @Test
    public void knowsWhatTheDeviceIsConnectedBy() {
        try (NetworkWatch watch = watch()) {
            assertThat(watch.transport()).isEqualTo("unknown");
            Network network = ShadowNetwork.newInstance(1);
            NetworkCapabilities capabilities = ShadowNetworkCapabilities.newInstance();
            shadowOf(capabilities).addTransportType(NetworkCapabilities.TRANSPORT_CELLULAR);
            watch.onCapabilitiesChanged(network, capabilities);
            assertThat(watch.transport()).isEqualTo("cellular");
            watch.onLost(network);
            assertThat(watch.transport()).isEqualTo("unknown");
        }
    }
}
