package dev.cleave.partition.plan;

import dev.cleave.partition.plan.SplitPlan.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Why a candidate was chosen, in words: what it is, what it takes, what the others would take, and what was refused. */
final class Reason {
    private final List<Candidate> candidates;
    private final int chosen;
    private final LinkProfile link;
    private final Objective objective;

    Reason(List<Candidate> candidates, int chosen, LinkProfile link, Objective objective) {
        this.candidates = candidates;
        this.chosen = chosen;
        this.link = link;
        this.objective = objective;
    }

    String text() {
        if (chosen < 0) {
            return bestRefused()
                    .map(refused -> "Nothing is left: " + name(refused) + " is refused, as " + refused.refused() + ".")
                    .orElse("There is no candidate.");
        }
        Candidate best = candidates.get(chosen);
        List<String> sentences = new ArrayList<>();
        sentences.add(headline(best));
        for (CandidateKind kind : CandidateKind.values()) {
            if (kind != best.cost().kind()) {
                rival(kind, best, sentences);
            }
        }
        refusal(best, sentences);
        return String.join(" ", sentences);
    }

    private String headline(Candidate best) {
        String wins = switch (objective) {
            case LATENCY -> " is fastest: ";
            case GATEWAY ->
                " takes least of the gateway among the fast ones: "
                        + millis(Ranking.value(best.cost(), link, objective)) + " a request, ";
            case BYTES ->
                " sends least among the fast ones: " + bytes(best.cost().wireBytes()) + ", ";
            case THROUGHPUT ->
                " gives most answers: one each " + millis(Ranking.value(best.cost(), link, objective)) + ", ";
        };
        return capital(name(best)) + wins + millis(best.totalMillis()) + how(best) + ".";
    }

    private String how(Candidate candidate) {
        CandidateCost cost = candidate.cost();
        if (cost.kind() == CandidateKind.LOCAL) {
            return " on the device, and nothing crosses the link (a round trip on it takes " + millis(link.rttMillis())
                    + ")";
        }
        double network = candidate.uplinkMillis() + candidate.downlinkMillis();
        return ", of which " + millis(network) + " are the link for " + bytes(cost.wireBytes()) + " up and "
                + bytes(cost.replyBytes()) + " down";
    }

    /** The best of another kind that is allowed and was surveyed. */
    private void rival(CandidateKind kind, Candidate best, List<String> sentences) {
        candidates.stream()
                .filter(candidate -> candidate.refused() == null
                        && candidate.cost().isSurveyed()
                        && candidate.cost().kind() == kind)
                .findFirst()
                .ifPresent(rival -> {
                    String takes = capital(name(rival)) + " would take " + millis(rival.totalMillis());
                    double network = rival.uplinkMillis() + rival.downlinkMillis();
                    sentences.add(takes
                            + (kind == CandidateKind.LOCAL
                                    ? "."
                                    : ", " + millis(network) + " of it the link for "
                                            + bytes(rival.cost().wireBytes()) + "."));
                });
    }

    /** The best refused candidate, if it would have won. */
    private void refusal(Candidate best, List<String> sentences) {
        bestRefused()
                .filter(refused -> Ranking.of(List.of(best.cost(), refused.cost()), link, objective)
                                .get(0)
                        == refused.cost())
                .ifPresent(refused -> sentences.add(capital(name(refused)) + " would be better ("
                        + millis(refused.totalMillis()) + ") but is refused: " + refused.refused() + "."));
    }

    /** Of those that were surveyed: a guess proves nothing. */
    private Optional<Candidate> bestRefused() {
        return candidates.stream()
                .filter(candidate ->
                        candidate.refused() != null && candidate.cost().isSurveyed())
                .findFirst();
    }

    private static String name(Candidate candidate) {
        return switch (candidate.cost().kind()) {
            case LOCAL -> "the device alone";
            case CLOUD_RAW -> "the gateway alone, fed with the plain input,";
            case CLOUD_COMPRESSED ->
                "the gateway alone, fed with the input as " + candidate.cost().codec() + ",";
            case SPLIT -> "the cut after " + tensors(candidate.cost().tensors());
        };
    }

    private static String tensors(List<String> names) {
        String last = names.get(names.size() - 1);
        return names.size() == 1 ? last : last + " (and " + (names.size() - 1) + " more)";
    }

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    /** {@code 0.42 ms}, {@code 24 ms}, {@code 3.1 s}. */
    static String millis(double millis) {
        return millis >= 1000
                ? String.format(Locale.ROOT, "%.1f s", millis / 1000)
                : String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.0f ms", millis);
    }

    /** In powers of 1,000: {@code 601 B}, {@code 4.8 KB}, {@code 14.0 MB}. */
    static String bytes(double bytes) {
        if (bytes < 1000) {
            return String.format(Locale.ROOT, "%.0f B", bytes);
        }
        return bytes < 1e6
                ? String.format(Locale.ROOT, "%.1f KB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
