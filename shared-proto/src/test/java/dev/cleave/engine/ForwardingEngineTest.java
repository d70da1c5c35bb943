package dev.cleave.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ForwardingEngineTest {
    @Test
    void theOtherEngineIsAskedWhateverThisOneIsAsked() throws Exception {
        assertForwards(Engine.class, real -> new ForwardingEngine(real) {});
    }

    @Test
    void theOtherSessionIsAskedWhateverThisOneIsAsked() throws Exception {
        assertForwards(Session.class, real -> new ForwardingSession(real) {});
    }

    private static <T> void assertForwards(Class<T> type, UnaryOperator<T> wrap) throws Exception {
        List<String> asked = new ArrayList<>();
        Object real =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    asked.add(method.getName());
                    return null;
                });
        T forwarding = wrap.apply(type.cast(real));
        for (Method method : type.getMethods()) {
            asked.clear();
            method.invoke(forwarding, nothings(method.getParameterTypes()));
            assertThat(asked).as(method.toString()).containsExactly(method.getName());
        }
    }

    /** Null, or 0, for each parameter. */
    private static Object[] nothings(Class<?>[] types) {
        return Stream.of(types)
                .map(type -> Array.get(Array.newInstance(type, 1), 0))
                .toArray();
    }
}
