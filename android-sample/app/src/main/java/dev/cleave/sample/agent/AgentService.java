package dev.cleave.sample.agent;

import android.app.Service;
import android.content.Intent;
import android.content.SharedPreferences;
import android.os.Binder;
import android.os.Handler;
import android.os.IBinder;
import android.os.Looper;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.sample.photo.PhotoDecoder;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Owner of the app's one {@link EdgeAgent}, of the thread that loads and closes it, and of what screens are told.
 *
 * <p>Started and bound by each screen while that is visible. A screen that is turned is gone for a moment; the service is still
 * started then, so neither the agent nor a request in flight notices. When no screen has been bound for {@link #LINGER_MILLIS} it
 * stops itself, and {@link #onDestroy} frees the model. If the process is killed everything is freed by that; a screen keeps
 * the last answer in its saved state.
 *
 * <p>Everything here happens on the main thread, but what is given to {@link #worker}: loading, decoding of photos, closing, in this
 * order. Whatever comes back is posted, and dropped if it belongs to an agent or a photo that is not the current one.
 */
public final class AgentService extends Service {
    /** Long enough for the camera's screen, which covers this app's. */
    static final long LINGER_MILLIS = 60_000;

    /** A screen. Told on the main thread. */
    public interface Observer {
        void changed(AgentState state);
    }

    /** What a screen gets that binds to this service. Same process only. */
    public final class Binding extends Binder {
        public AgentService service() {
            return AgentService.this;
        }
    }

    private final Handler main = new Handler(Looper.getMainLooper());
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> new Thread(task, "sample-agent"));
    private final List<Observer> observers = new ArrayList<>();
    private final Runnable stop = this::stopSelf;
    private final Runnable reload = this::reload;
    /** Told once for each setting that is another, of which one {@link #reload} comes. In a field as preferences hold it weakly. */
    private final SharedPreferences.OnSharedPreferenceChangeListener settingsChanged = (preferences, key) -> {
        main.removeCallbacks(reload);
        main.post(reload);
    };

    private NetworkWatch network;
    private AgentState state = AgentState.LOADING;
    /** Written by the worker alone. */
    private volatile EdgeAgent agent;
    /** Number of the agent that is wanted: one more with each change of the settings. */
    private int agentWanted;
    /** Number of the photo that is asked about. */
    private int photoWanted;

    /** The photo that is asked about, or will be when there is an agent; null if none is. */
    private File asked;

    private CompletableFuture<InferenceResult> open;
    private boolean destroyed;

    @Override
    public void onCreate() {
        super.onCreate();
        network = new NetworkWatch(this, main, this::networkChanged);
        AgentSettings.preferences(this).registerOnSharedPreferenceChangeListener(settingsChanged);
        reload();
    }

    @Override
    public int onStartCommand(Intent intent, int flags, int startId) {
        main.removeCallbacks(stop);
        return START_NOT_STICKY;
    }

    @Override
    public IBinder onBind(Intent intent) {
        main.removeCallbacks(stop);
        return new Binding();
    }

    @Override
    public void onRebind(Intent intent) {
        main.removeCallbacks(stop);
    }

    @Override
    public boolean onUnbind(Intent intent) {
        main.postDelayed(stop, LINGER_MILLIS);
        return true;
    }

    @Override
    public void onDestroy() {
        destroyed = true;
        main.removeCallbacks(stop);
        main.removeCallbacks(reload);
        observers.clear();
        AgentSettings.preferences(this).unregisterOnSharedPreferenceChangeListener(settingsChanged);
        network.close();
        worker.execute(this::closeAgent);
        worker.shutdown();
        super.onDestroy();
    }

    /** The observer is told the state at once, and each further one. */
    public void observe(Observer observer) {
        observers.add(observer);
        observer.changed(state);
    }

    public void forget(Observer observer) {
        observers.remove(observer);
    }

    public AgentState state() {
        return state;
    }

    /** Asks what is in a photo; an earlier one that has no answer yet is given up. */
    public void ask(File photo) {
        giveUp();
        if (state.phase() == AgentState.Phase.BROKEN) {
            return;
        }
        asked = photo;
        if (state.phase() != AgentState.Phase.LOADING) {
            int number = photoWanted;
            tell(state.running());
            worker.execute(() -> run(photo, number));
        }
    }

    private void giveUp() {
        photoWanted++;
        asked = null;
        if (open != null) {
            open.cancel(false);
            open = null;
        }
    }

    /** On the worker. */
    private void run(File photo, int number) {
        try {
            EdgeAgent current = agent;
            List<String> labels = current.contract().labels();
            InferenceInput input = InferenceInput.of(PhotoDecoder.picture(PhotoDecoder.upright(photo)));
            CompletableFuture<InferenceResult> future = current.infer(input);
            post(() -> began(future, number));
            future.thenApply(result -> Answer.of(result, labels))
                    .whenComplete((answer, failure) -> post(() -> ended(answer, failure, number)));
        } catch (Exception failure) {
            post(() -> ended(null, failure, number));
        }
    }

    private void began(CompletableFuture<InferenceResult> future, int number) {
        if (number == photoWanted) {
            open = future;
        } else {
            future.cancel(false);
        }
    }

    private void ended(Answer answer, Throwable failure, int number) {
        if (number != photoWanted || state.phase() != AgentState.Phase.RUNNING) {
            return;
        }
        open = null;
        asked = null;
        tell(failure == null ? state.answered(answer) : state.failed(cause(failure)));
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** An agent with the settings as they are now; a photo without an answer is asked about again. */
    private void reload() {
        File again = asked;
        giveUp();
        asked = again;
        int number = ++agentWanted;
        AgentSettings settings = AgentSettings.read(AgentSettings.preferences(this));
        tell(state.loading());
        worker.execute(() -> load(settings, number));
    }

    /** On the worker. */
    private void load(AgentSettings settings, int number) {
        closeAgent();
        try {
            agent = AgentLoader.load(this, settings, new LinkListener(number), network::transport);
            post(() -> loaded(settings, number));
        } catch (Exception | LinkageError failure) {
            post(() -> broken(failure, number));
        }
    }

    private void loaded(AgentSettings settings, int number) {
        if (number != agentWanted) {
            return;
        }
        tell(state.ready(settings.wantsGateway()));
        if (asked != null) {
            ask(asked);
        }
    }

    private void broken(Throwable failure, int number) {
        if (number == agentWanted) {
            asked = null;
            tell(state.broken(failure));
        }
    }

    /** On the worker. */
    private void closeAgent() {
        EdgeAgent old = agent;
        agent = null;
        if (old != null) {
            old.close();
        }
    }

    private void networkChanged() {
        EdgeAgent current = agent;
        if (current != null) {
            current.networkChanged();
        }
    }

    private void tell(AgentState next) {
        state = next;
        for (Observer observer : new ArrayList<>(observers)) {
            observer.changed(next);
        }
    }

    private void post(Runnable task) {
        main.post(() -> {
            if (!destroyed) {
                task.run();
            }
        });
    }

    /** Tells whether the gateway can be reached. Called on the agent's threads. */
    private final class LinkListener implements AgentListener {
        private final int number;

        LinkListener(int number) {
            this.number = number;
        }

        @Override
        public void linkUp(String gateway, String gatewayVersion) {
            post(() -> link(AgentState.Link.UP));
        }

        @Override
        public void linkDown(String gateway, String reason) {
            post(() -> link(AgentState.Link.DOWN));
        }

        private void link(AgentState.Link link) {
            if (number == agentWanted) {
                tell(state.linked(link));
            }
        }
    }
}
