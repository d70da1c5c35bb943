package dev.cleave.engine.tflite;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A model whose interpreters copy their only input to their only output, and write down what is asked of them. */
final class FakeModel implements LoadedModel {
    private final List<String> log = new ArrayList<>();
    private int made;
    private String failure;
    private CountDownLatch entered;
    private CountDownLatch release;

    /** What was asked, in order; interpreters are numbered from 1. */
    synchronized List<String> log() {
        return new ArrayList<>(log);
    }

    private synchronized void note(String line) {
        log.add(line);
    }

    /** The next run fails. */
    synchronized void failNext(String message) {
        failure = message;
    }

    /** Runs count {@code entered} down and wait for {@code release}. */
    synchronized void hold(CountDownLatch entered, CountDownLatch release) {
        this.entered = entered;
        this.release = release;
    }

    private synchronized String takeFailure() {
        String taken = failure;
        failure = null;
        return taken;
    }

    @Override
    public synchronized Interpreter newInterpreter() {
        return new FakeInterpreter(++made);
    }

    @Override
    public void close() {
        note("model closed");
    }

    private final class FakeInterpreter implements Interpreter {
        private final int number;
        private Shape shape;
        private ByteBuffer output;

        FakeInterpreter(int number) {
            this.number = number;
        }

        @Override
        public void resize(List<Shape> inputs) {
            shape = inputs.get(0);
            note(number + " resized to " + shape);
        }

        @Override
        public void run(List<ByteBuffer> inputs) throws EngineException {
            note(number + " ran");
            String message = takeFailure();
            if (message != null) {
                throw new EngineException(message);
            }
            output = inputs.get(0);
            if (release != null) {
                entered.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new EngineException("interrupted", e);
                }
            }
        }

        @Override
        public Shape outputShape(int index) {
            return shape;
        }

        @Override
        public void read(int index, ByteBuffer target) {
            target.put(output);
        }

        @Override
        public void stop() {
            note(number + " stopped");
        }

        @Override
        public void unstop() {
            note(number + " unstopped");
        }

        @Override
        public void close() {
            note(number + " closed");
        }
    }
}
