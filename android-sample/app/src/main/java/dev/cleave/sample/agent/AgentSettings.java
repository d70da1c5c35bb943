package dev.cleave.sample.agent;

import android.content.Context;
import android.content.SharedPreferences;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.Split;
import dev.cleave.edge.identity.Tls;
import dev.cleave.edge.policy.Objective;
import java.time.Duration;

/**
 * What the user wants of the agent. Immutable; kept in the app's preferences.
 *
 * @param gateway {@code host:port}, or empty for none: then everything is LOCAL
 * @param tls whether the gateway has to show a certificate that the system believes
 * @param deadlineMillis of each request, 1 ms to a day
 * @param split {@code auto}, {@code local}, {@code cloud} or a point
 * @param objective what {@code auto} wants least of
 */
public record AgentSettings(String gateway, boolean tls, long deadlineMillis, Split split, Objective objective) {
    public static final AgentSettings DEFAULT = new AgentSettings("", false, 2000, Split.auto(), Objective.LATENCY);

    private static final String FILE = "agent";
    private static final String GATEWAY = "gateway";
    private static final String TLS = "tls";
    private static final String DEADLINE = "deadlineMillis";
    private static final String SPLIT = "split";
    private static final String OBJECTIVE = "objective";
    private static final long MOST_MILLIS = Duration.ofDays(1).toMillis();

    /** Where they are kept; whoever wants to know of changes listens to it. */
    public static SharedPreferences preferences(Context context) {
        return context.getSharedPreferences(FILE, Context.MODE_PRIVATE);
    }

    public static AgentSettings read(SharedPreferences preferences) {
        return new AgentSettings(
                preferences.getString(GATEWAY, DEFAULT.gateway),
                preferences.getBoolean(TLS, DEFAULT.tls),
                preferences.getLong(DEADLINE, DEFAULT.deadlineMillis),
                Split.parse(preferences.getString(SPLIT, DEFAULT.split.toString())),
                Objective.parse(preferences.getString(OBJECTIVE, DEFAULT.objective.toString())));
    }

    public void write(SharedPreferences preferences) {
        preferences
                .edit()
                .putString(GATEWAY, gateway)
                .putBoolean(TLS, tls)
                .putLong(DEADLINE, deadlineMillis)
                .putString(SPLIT, split.toString())
                .putString(OBJECTIVE, objective.toString())
                .apply();
    }

    /** Whether an agent takes this as a gateway; none is fine, too. */
    public static boolean isGateway(String text) {
        if (text.isEmpty()) {
            return true;
        }
        try {
            EdgeAgent.builder().gateway(text);
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    public static boolean isDeadline(String millis) {
        try {
            long value = Long.parseLong(millis);
            return value >= 1 && value <= MOST_MILLIS;
        } catch (NumberFormatException refused) {
            return false;
        }
    }

    /** Whether an agent with these settings looks for a gateway. */
    boolean wantsGateway() {
        return !gateway.isEmpty() && !split.toString().equals(Split.local().toString());
    }

    /** Adds these settings to those that an agent has already. */
    EdgeAgentBuilder applyTo(EdgeAgentBuilder builder) {
        builder.deadline(Duration.ofMillis(deadlineMillis)).split(split).objective(objective);
        if (!gateway.isEmpty()) {
            builder.gateway(gateway);
            if (tls) {
                builder.tls(Tls.systemTrust());
            }
        }
        return builder;
    }
}
