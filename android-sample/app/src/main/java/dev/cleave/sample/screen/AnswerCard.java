package dev.cleave.sample.screen;

import android.app.Activity;
import android.content.Context;
import android.content.res.ColorStateList;
import android.content.res.Resources;
import android.text.format.Formatter;
import android.view.LayoutInflater;
import android.view.View;
import android.view.ViewGroup;
import android.widget.TextView;
import dev.cleave.edge.events.Source;
import dev.cleave.sample.R;
import dev.cleave.sample.agent.Answer;
import dev.cleave.sample.agent.Score;
import java.text.NumberFormat;
import java.util.ArrayList;
import java.util.List;

/** The part of the screen that shows an answer: what is in the photo, who said so, where the time went, what it cost. */
final class AnswerCard {
    private final Context context;
    private final Resources resources;
    private final View card;
    private final TextView label;
    private final TextView others;
    private final TextView source;
    private final View timing;
    private final TextView total;
    private final WaterfallView bar;
    private final ViewGroup legend;
    private final TextView cost;
    private final TextView why;

    AnswerCard(Activity screen) {
        context = screen;
        resources = screen.getResources();
        card = screen.findViewById(R.id.answer);
        label = screen.findViewById(R.id.label);
        others = screen.findViewById(R.id.others);
        source = screen.findViewById(R.id.source);
        timing = screen.findViewById(R.id.timing);
        total = screen.findViewById(R.id.total);
        bar = screen.findViewById(R.id.waterfall);
        legend = screen.findViewById(R.id.legend);
        cost = screen.findViewById(R.id.cost);
        why = screen.findViewById(R.id.why);
    }

    /** @param answer null for none */
    void show(Answer answer) {
        int visible = answer == null ? View.GONE : View.VISIBLE;
        card.setVisibility(visible);
        timing.setVisibility(visible);
        if (answer != null) {
            showScores(answer.scores());
            showSource(answer);
            showTiming(answer);
        }
    }

    private void showScores(List<Score> scores) {
        if (scores.isEmpty()) {
            label.setText(R.string.no_classes);
            others.setVisibility(View.GONE);
            return;
        }
        label.setText(text(scores.get(0)));
        List<String> rest = new ArrayList<>();
        for (Score score : scores.subList(1, scores.size())) {
            rest.add(text(score));
        }
        others.setText(String.join("\n", rest));
        others.setVisibility(rest.isEmpty() ? View.GONE : View.VISIBLE);
    }

    private String text(Score score) {
        String name =
                score.label().isEmpty() ? resources.getString(R.string.class_number, score.index()) : score.label();
        if (Double.isNaN(score.probability())) {
            return name;
        }
        NumberFormat percent = NumberFormat.getPercentInstance(
                resources.getConfiguration().getLocales().get(0));
        percent.setMaximumFractionDigits(1);
        return resources.getString(R.string.score, name, percent.format(score.probability()));
    }

    private void showSource(Answer answer) {
        source.setText(name(answer));
        source.setContentDescription(resources.getString(description(answer.source())));
        source.setBackgroundTintList(ColorStateList.valueOf(context.getColor(colour(answer.source()))));
    }

    private String name(Answer answer) {
        return answer.source() == Source.SPLIT
                ? resources.getString(R.string.source_split, answer.splitPoint())
                : resources.getString(answer.source() == Source.LOCAL ? R.string.source_local : R.string.source_cloud);
    }

    private static int description(Source source) {
        return switch (source) {
            case LOCAL -> R.string.source_local_described;
            case SPLIT -> R.string.source_split_described;
            case CLOUD -> R.string.source_cloud_described;
        };
    }

    private static int colour(Source source) {
        return switch (source) {
            case LOCAL -> R.color.source_local;
            case SPLIT -> R.color.source_split;
            case CLOUD -> R.color.source_cloud;
        };
    }

    private void showTiming(Answer answer) {
        List<Stage.Slice> slices = Stage.slices(answer.waterfall());
        bar.show(slices);
        List<String> spoken = new ArrayList<>();
        legend.removeAllViews();
        for (Stage.Slice slice : slices) {
            String name = resources.getString(slice.stage().title);
            String millis = resources.getString(R.string.millis, slice.millis());
            spoken.add(resources.getString(R.string.stage_described, name, millis));
            addRow(slice.stage(), name, millis);
        }
        bar.setContentDescription(resources.getString(R.string.waterfall_described, String.join(", ", spoken)));
        String millis = resources.getString(R.string.millis, answer.waterfall().totalMillis());
        total.setText(answer.deadlineMet() ? millis : resources.getString(R.string.late, millis));
        cost.setText(cost(answer));
        why.setText(resources.getString(R.string.why, answer.why()));
    }

    private void addRow(Stage stage, String name, String millis) {
        View row = LayoutInflater.from(context).inflate(R.layout.stage, legend, false);
        row.findViewById(R.id.swatch).setBackgroundTintList(ColorStateList.valueOf(context.getColor(stage.colour)));
        ((TextView) row.findViewById(R.id.stage_name)).setText(name);
        ((TextView) row.findViewById(R.id.stage_millis)).setText(millis);
        legend.addView(row);
    }

    private String cost(Answer answer) {
        if (answer.wireBytes() == 0) {
            return resources.getString(R.string.nothing_sent);
        }
        String bytes = Formatter.formatShortFileSize(context, answer.wireBytes());
        return answer.source() == Source.LOCAL
                ? resources.getString(R.string.sent_in_vain, bytes)
                : resources.getQuantityString(R.plurals.sent, answer.batchSize(), bytes, answer.batchSize());
    }
}
