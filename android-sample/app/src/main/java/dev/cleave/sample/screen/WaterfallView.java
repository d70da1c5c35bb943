package dev.cleave.sample.screen;

import android.content.Context;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.Path;
import android.util.AttributeSet;
import android.view.View;
import dev.cleave.sample.R;
import java.util.Collections;
import java.util.List;

/**
 * A bar that shows where the time of a request went: one slice a stage, as wide as it took long, from left to right as it happened.
 * What it shows is said in its content description, which whoever sets the slices sets as well.
 */
public final class WaterfallView extends View {
    private final Paint paint = new Paint(Paint.ANTI_ALIAS_FLAG);
    private final Path outline = new Path();
    private final float corner;
    private final float gap;
    private final float least;
    private List<Stage.Slice> slices = Collections.emptyList();

    public WaterfallView(Context context, AttributeSet attributes) {
        super(context, attributes);
        corner = getResources().getDimension(R.dimen.bar_corner);
        gap = getResources().getDimension(R.dimen.bar_gap);
        least = getResources().getDimension(R.dimen.bar_least);
    }

    void show(List<Stage.Slice> value) {
        slices = value;
        invalidate();
    }

    @Override
    protected void onMeasure(int width, int height) {
        int wanted = Math.round(getResources().getDimension(R.dimen.bar_height));
        setMeasuredDimension(getDefaultSize(getSuggestedMinimumWidth(), width), resolveSize(wanted, height));
    }

    @Override
    protected void onSizeChanged(int width, int height, int oldWidth, int oldHeight) {
        outline.reset();
        outline.addRoundRect(0, 0, width, height, corner, corner, Path.Direction.CW);
    }

    @Override
    protected void onDraw(Canvas canvas) {
        canvas.clipPath(outline);
        canvas.drawColor(getContext().getColor(R.color.outline));
        float[] widths = widths(slices, getWidth() - gap * Math.max(0, slices.size() - 1), least);
        float left = 0;
        for (int i = 0; i < widths.length; i++) {
            paint.setColor(getContext().getColor(slices.get(i).stage().colour));
            canvas.drawRect(left, 0, left + widths[i], getHeight(), paint);
            left += widths[i] + gap;
        }
    }

    /** Widths that fill {@code width}: by time, but none below {@code least}, which the others pay for by theirs. */
    static float[] widths(List<Stage.Slice> slices, float width, float least) {
        float[] widths = new float[slices.size()];
        double millis = slices.stream().mapToDouble(Stage.Slice::millis).sum();
        double spare = Math.max(0, width - least * widths.length);
        for (int i = 0; i < widths.length; i++) {
            widths[i] = (float) (least + spare * slices.get(i).millis() / millis);
        }
        return widths;
    }
}
