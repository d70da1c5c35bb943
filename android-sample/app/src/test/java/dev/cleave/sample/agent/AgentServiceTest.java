package dev.cleave.sample.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.content.Context;
import android.content.Intent;
import android.graphics.Color;
import android.net.ConnectivityManager;
import android.os.Looper;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.policy.Objective;
import dev.cleave.gateway.Gateway;
import dev.cleave.sample.ColourModel;
import dev.cleave.sample.Patience;
import dev.cleave.sample.SampleRunner;
import dev.cleave.sample.TestPhotos;
import dev.cleave.sample.photo.PhotoFile;
import java.io.File;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.After;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.android.controller.ServiceController;

/** The service with a real agent on a real engine, and a gateway where one is needed. */
@RunWith(SampleRunner.class)
public class AgentServiceTest {
    private final Context context = RuntimeEnvironment.getApplication();
    private final List<AgentState> told = new ArrayList<>();
    private ServiceController<AgentService> controller;

    private AgentService start() {
        controller = Robolectric.buildService(AgentService.class).create();
        AgentService service = controller.get();
        service.observe(told::add);
        return service;
    }

    private AgentService startWithModel() {
        ColourModel.get().install(context.getExternalFilesDir(null).toPath());
        AgentService service = start();
        until(service, AgentState.Phase.READY);
        return service;
    }

    @After
    public void end() {
        if (controller != null) {
            controller.destroy();
            Patience.until("no thread of the agent is left", () -> threads().isEmpty());
        }
    }

    /** Names of the threads that an agent and its service have. */
    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("cleave-head")
                        || name.startsWith("cleave-timer")
                        || name.startsWith("sample-agent"))
                .collect(Collectors.toSet());
    }

    private static void until(AgentService service, AgentState.Phase phase) {
        Patience.until(
                () -> phase + "; is " + service.state(), () -> service.state().phase() == phase);
    }

    private File photo(int colour) throws Exception {
        return TestPhotos.write(PhotoFile.current(context), TestPhotos.png(TestPhotos.plain(colour, 40, 30)));
    }

    private Answer ask(AgentService service, int colour) throws Exception {
        service.ask(photo(colour));
        Patience.until(
                () -> "answered; is " + service.state(),
                () -> service.state().answer() != null || service.state().failure() != null);
        assertThat(service.state().failure()).isNull();
        return service.state().answer();
    }

    @Test
    public void answersOnTheDeviceWithoutAGateway() throws Exception {
        AgentService service = startWithModel();
        assertThat(service.state().link()).isEqualTo(AgentState.Link.NONE);
        Answer answer = ask(service, Color.RED);
        assertThat(answer.source()).isEqualTo(Source.LOCAL);
        assertThat(answer.scores()).extracting(Score::label).startsWith("red").hasSize(3);
        assertThat(answer.scores().get(0).probability()).isGreaterThan(0.99);
        assertThat(answer.wireBytes()).isZero();
        assertThat(told)
                .extracting(AgentState::phase)
                .containsExactly(
                        AgentState.Phase.LOADING,
                        AgentState.Phase.READY,
                        AgentState.Phase.RUNNING,
                        AgentState.Phase.READY);
        assertThat(ask(service, Color.BLUE).scores().get(0).label()).isEqualTo("blue");
    }

    @Test
    public void writesDownWhatItFindsOutAboutTheDevice() throws Exception {
        startWithModel();
        File profile = new File(context.getFilesDir(), "device.json");
        Patience.until("the profile is written", profile::exists);
        assertThat(Files.readString(profile.toPath()))
                .contains("\"name\": \"onnxruntime\"")
                .contains("segmentMillis");
    }

    @Test
    public void finishesOnTheGatewayOnceItIsSet() throws Exception {
        AgentService service = startWithModel();
        try (Gateway gateway = ColourModel.get().serve()) {
            new AgentSettings("127.0.0.1:" + gateway.port(), false, 20_000, ColourModel.first(), Objective.LATENCY)
                    .write(AgentSettings.preferences(context));
            Patience.until(
                    () -> "connected; is " + service.state(),
                    () -> service.state().link() == AgentState.Link.UP);
            Answer answer = ask(service, Color.GREEN);
            assertThat(answer.source()).isEqualTo(Source.SPLIT);
            assertThat(answer.splitPoint()).isEqualTo(1);
            assertThat(answer.scores().get(0).label()).isEqualTo("green");
            assertThat(answer.wireBytes()).isPositive();
            assertThat(answer.waterfall().networkMillis()).isPositive();
        }
    }

    @Test
    public void goesOnAloneWhenTheGatewayIsGone() throws Exception {
        ColourModel.get().install(context.getExternalFilesDir(null).toPath());
        Gateway gateway = ColourModel.get().serve();
        new AgentSettings("127.0.0.1:" + gateway.port(), false, 20_000, Split.auto(), Objective.LATENCY)
                .write(AgentSettings.preferences(context));
        AgentService service = start();
        Patience.until(
                () -> "connected; is " + service.state(), () -> service.state().link() == AgentState.Link.UP);
        gateway.close();
        Patience.until(
                () -> "not connected; is " + service.state(),
                () -> service.state().link() == AgentState.Link.DOWN);
        assertThat(ask(service, Color.RED).source()).isEqualTo(Source.LOCAL);
    }

    @Test
    public void photoThatComesWhileTheModelIsLoadedIsAskedAboutThen() throws Exception {
        ColourModel.get().install(context.getExternalFilesDir(null).toPath());
        AgentService service = start();
        assertThat(service.state().phase()).isEqualTo(AgentState.Phase.LOADING);
        assertThat(ask(service, Color.GREEN).scores().get(0).label()).isEqualTo("green");
    }

    @Test
    public void laterPhotoTakesThePlaceOfAnEarlierOne() throws Exception {
        AgentService service = startWithModel();
        File red = TestPhotos.write(
                new File(context.getCacheDir(), "red.png"), TestPhotos.png(TestPhotos.plain(Color.RED, 40, 30)));
        service.ask(red);
        assertThat(ask(service, Color.BLUE).scores().get(0).label()).isEqualTo("blue");
        Patience.until("nothing else is told", () -> service.state().phase() == AgentState.Phase.READY);
        assertThat(told)
                .filteredOn(state -> state.answer() != null)
                .allMatch(state -> state.answer().scores().get(0).label().equals("blue"));
    }

    @Test
    public void fileThatIsNoPictureFailsWithOneLine() throws Exception {
        AgentService service = startWithModel();
        service.ask(TestPhotos.write(PhotoFile.current(context), new byte[] {1, 2, 3}));
        Patience.until("failed", () -> service.state().failure() != null);
        assertThat(service.state().failure())
                .startsWith("3 bytes are no picture")
                .doesNotContain("\n");
        assertThat(ask(service, Color.RED).source()).isEqualTo(Source.LOCAL);
    }

    @Test
    public void assetThatIsNoBundleIsToldInOneLine() {
        AgentService service = start();
        until(service, AgentState.Phase.BROKEN);
        assertThat(service.state().failure()).contains(".cleave").doesNotContain("\n");
    }

    @Test
    public void severalSettingsAtOnceLoadTheModelOnce() {
        AgentService service = startWithModel();
        told.clear();
        new AgentSettings("127.0.0.1:1", true, 500, Split.local(), Objective.BYTES)
                .write(AgentSettings.preferences(context));
        Patience.until("loaded anew", () -> told.size() >= 2 && service.state().phase() == AgentState.Phase.READY);
        assertThat(told)
                .filteredOn(state -> state.phase() == AgentState.Phase.LOADING && state.link() == AgentState.Link.NONE)
                .hasSize(1);
    }

    @Test
    public void stopsItselfAWhileAfterTheLastScreen() {
        AgentService service = startWithModel();
        Intent screen = new Intent(context, AgentService.class);
        service.onBind(screen);
        assertThat(service.onUnbind(screen)).isTrue();
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(AgentService.LINGER_MILLIS / 2));
        service.onRebind(screen);
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(AgentService.LINGER_MILLIS));
        assertThat(shadowOf(service).isStoppedBySelf()).isFalse();
        service.onUnbind(screen);
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(AgentService.LINGER_MILLIS));
        assertThat(shadowOf(service).isStoppedBySelf()).isTrue();
    }

    @Test
    public void listensToTheNetworkAsLongAsItLives() {
        var connectivity = shadowOf(context.getSystemService(ConnectivityManager.class));
        int before = connectivity.getNetworkCallbacks().size();
        startWithModel();
        assertThat(connectivity.getNetworkCallbacks()).hasSize(before + 1);
        controller.destroy();
        controller = null;
        assertThat(connectivity.getNetworkCallbacks()).hasSize(before);
        Patience.until("no thread of the agent is left", () -> threads().isEmpty());
    }
}
