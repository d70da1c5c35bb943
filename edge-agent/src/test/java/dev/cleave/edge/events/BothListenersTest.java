package dev.cleave.edge.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BothListenersTest {
    private final List<String> heard = new ArrayList<>();

    private AgentListener recording(String name) {
        return (AgentListener) Proxy.newProxyInstance(
                AgentListener.class.getClassLoader(), new Class<?>[] {AgentListener.class}, (proxy, event, values) -> {
                    heard.add(name + " " + event.getName() + Arrays.toString(values));
                    return null;
                });
    }

    /** An event that is added to the interface alone would reach neither of the two. */
    @Test
    void tellsBothOfEveryEventThatThereIs() throws Exception {
        AgentListener both = new BothListeners(recording("first"), recording("second"));
        for (Method event : AgentListener.class.getMethods()) {
            if (event.getReturnType() != void.class) {
                continue;
            }
            heard.clear();
            Object[] values = Arrays.stream(event.getParameterTypes())
                    .map(BothListenersTest::sample)
                    .toArray();
            event.invoke(both, values);
            String what = event.getName() + Arrays.toString(values);
            assertThat(heard).containsExactly("first " + what, "second " + what);
        }
    }

    @Test
    void tellsTheSecondWhateverTheFirstThrows() {
        AgentListener failing = new AgentListener() {
            @Override
            public void linkDown(String gateway, String reason) {
                throw new IllegalStateException("the first is broken");
            }
        };
        assertThatThrownBy(() -> failing.and(recording("second")).linkDown("a:1", "gone"))
                .hasMessage("the first is broken");
        assertThat(heard).containsExactly("second linkDown[a:1, gone]");
    }

    private static Object sample(Class<?> type) {
        return type == long.class ? (Object) 7L : type == int.class ? (Object) 3 : null;
    }
}
