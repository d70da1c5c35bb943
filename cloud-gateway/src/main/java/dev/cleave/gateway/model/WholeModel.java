package dev.cleave.gateway.model;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/** One session of a plain model's graph: the tail of point 0, and of no other. */
final class WholeModel implements LoadedTails {
    private final Session session;

    private WholeModel(Session session) {
        this.session = session;
    }

    /**
     * @param session of the model's graph; this one's own, also where it is not the one that was tried
     * @throws EngineException then
     */
    static WholeModel of(PlainModel model, Session session) throws EngineException {
        boolean complete = false;
        try {
            requireTried(model, session);
            complete = true;
            return new WholeModel(session);
        } finally {
            if (!complete) {
                session.close();
            }
        }
    }

    /** A report that was written by a process in which a hostile model ran is believed no further than this. */
    private static void requireTried(PlainModel model, Session session) throws EngineException {
        List<TensorSpec> tried = model.contract().inputs();
        boolean same = tried.size() == session.inputs().size()
                && names(model.contract().outputs()).equals(names(session.outputs()));
        for (int i = 0; same && i < tried.size(); i++) {
            TensorSpec loaded = session.inputs().get(i);
            same = tried.get(i).name().equals(loaded.name())
                    && tried.get(i).type() == loaded.type()
                    && open(tried.get(i).shape()).equals(loaded.shape());
        }
        if (!same) {
            throw new EngineException(model.files().label() + " takes " + session.inputs() + " and gives "
                    + session.outputs() + "; expected " + tried + " and "
                    + model.contract().outputs() + ", as its trial reported");
        }
    }

    private static Shape open(Shape shape) {
        return shape.isBatched() ? shape.withDim(0, Shape.DYNAMIC) : shape;
    }

    private static List<String> names(List<TensorSpec> specs) {
        return specs.stream().map(spec -> spec.name() + ":" + spec.type()).toList();
    }

    @Override
    public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos) throws EngineException {
        return session.run(boundary, Map.of(), limitNanos);
    }

    @Override
    public String precision() {
        return PlainModel.FORM;
    }

    @Override
    public String provider() {
        return session.provider();
    }

    @Override
    public List<String> refusedProviders() {
        return session.refusedProviders();
    }

    @Override
    public List<Integer> warmUpPoints() {
        return List.of(0);
    }

    @Override
    public void close() {
        session.close();
    }
}
