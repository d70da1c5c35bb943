package dev.cleave.sample.agent;

import android.content.Context;
import android.net.ConnectivityManager;
import android.net.Network;
import android.net.NetworkCapabilities;
import android.os.Handler;

/**
 * Listens to which network the device uses, from its construction until it is closed. All on the thread of its handler, but
 * {@link #transport}, which any thread may ask.
 */
final class NetworkWatch extends ConnectivityManager.NetworkCallback implements AutoCloseable {
    private final ConnectivityManager connectivity;
    private final Runnable changed;
    private final NetworkChange change = new NetworkChange();
    private volatile String transport = "unknown";

    /** @param changed called when the device has come to another network */
    NetworkWatch(Context context, Handler handler, Runnable changed) {
        this.connectivity = context.getSystemService(ConnectivityManager.class);
        this.changed = changed;
        connectivity.registerDefaultNetworkCallback(this, handler);
    }

    /** What the device is connected by, in the agent's words. */
    String transport() {
        return transport;
    }

    @Override
    public void onAvailable(Network network) {
        if (change.available(network)) {
            changed.run();
        }
    }

    @Override
    public void onLost(Network network) {
        change.lost();
        transport = "unknown";
    }

    @Override
    public void onCapabilitiesChanged(Network network, NetworkCapabilities capabilities) {
        if (capabilities.hasTransport(NetworkCapabilities.TRANSPORT_WIFI)) {
            transport = "wifi";
        } else if (capabilities.hasTransport(NetworkCapabilities.TRANSPORT_CELLULAR)) {
            transport = "cellular";
        } else if (capabilities.hasTransport(NetworkCapabilities.TRANSPORT_ETHERNET)) {
            transport = "ethernet";
        } else {
            transport = "unknown";
        }
    }

    @Override
    public void close() {
        connectivity.unregisterNetworkCallback(this);
    }
}
