package dev.cleave.codec.temporal;

/**
 * What an encoder has learned of one tensor of one video: the weights that would have predicted its last tensors best, the widths
 * that suited them, and how much a bit may cost in error. It changes what is sent, never how that is decoded. Owned by the video's
 * sender; one thread.
 *
 * <p>An encoder may add error where that saves bits. How much it adds is held at a mean that the owner chooses: lambda, the squared
 * error that a bit is worth, follows what the last tensor's error was.
 */
public final class TemporalTuning {
    /**
     * Mean squared error to be added, in squared steps of the quantiser, whose own is 1/12. With this much more, answers agreed as
     * often as without (docs/CODING.md).
     */
    public static final double USUAL_EXCESS = 0.025;

    private static final int ONE = 1 << 16;
    private static final int FIRST_LAMBDA = ONE / 8;
    private static final int LEAST_LAMBDA = ONE / 64;
    private static final int MOST_LAMBDA = ONE / 4;

    private final double wantedExcess;
    private final FrameModel learned = new FrameModel();
    private final WeightFit fit = new WeightFit();
    private int lambda;

    /** @param wantedExcess 0: each value becomes the symbol nearest to it, as without a reference */
    public TemporalTuning(double wantedExcess) {
        if (!(wantedExcess >= 0)) {
            throw new IllegalArgumentException("error " + wantedExcess + " to be added; expected 0 or more");
        }
        this.wantedExcess = wantedExcess;
        lambda = wantedExcess == 0 ? 0 : FIRST_LAMBDA;
    }

    /** What a bit is worth, in 65536ths of a squared step. */
    int lambda() {
        return lambda;
    }

    WeightFit fit() {
        return fit;
    }

    /** Gives a tensor's model what was learned. */
    void begin(FrameModel model) {
        model.copy(learned);
    }

    /**
     * Learns from a tensor, and gives its model the widths that suit it best.
     *
     * @param counts by context, then {@link ResidualCosts#index} of the residual
     * @param excess sum of the added squared errors, in 65536ths of a squared step
     */
    void end(FrameModel model, ResidualCosts costs, int[] counts, long excess, int elements) {
        WidthChoice.choose(model.widths, counts, costs);
        learned.copy(model);
        fit.into(learned.weights);
        fit.age();
        if (wantedExcess > 0 && elements > 0) {
            double mean = (double) excess / ONE / elements;
            double factor = Math.sqrt(wantedExcess / Math.max(wantedExcess / 4, Math.min(4 * wantedExcess, mean)));
            lambda = (int) Math.max(LEAST_LAMBDA, Math.min(MOST_LAMBDA, lambda * factor));
        }
    }
}
