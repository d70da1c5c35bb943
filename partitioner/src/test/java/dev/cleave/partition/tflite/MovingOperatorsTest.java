package dev.cleave.partition.tflite;

import dev.cleave.tensor.ElementType;

/** Operators that move elements, repeat them or leave some out. */
class MovingOperatorsTest extends FloatAgreement {
    @Override
    void addModels() {
        addReshapes();
        addPieces();
        addPads();
        addResizes();
    }

    private void addReshapes() {
        picture("flatten behind a convolution")
                .weights("w", 5, 6, 3, 3)
                .node("Conv", "x w", "a")
                .node("Flatten", "a", "y");
        picture("reshape to rows of pixels")
                .weights("w", 5, 6, 1, 1)
                .longs("shape", 0, 5, -1)
                .node("Conv", "x w", "a")
                .node("Reshape", "a shape", "y");
        picture("boxes of a detector")
                .weights("w", 8, 6, 1, 1)
                .longs("shape", 0, -1, 4)
                .node("Conv", "x w", "a")
                .node("Transpose", "a", "t")
                .with("perm", 0L, 2L, 3L, 1L)
                .node("Reshape", "t shape", "y");
        picture("a target computed of the shape")
                .scalarLong("zero", 0)
                .longs("axis", 0)
                .longs("rest", -1)
                .node("Shape", "x", "s")
                .node("Gather", "s zero", "n")
                .node("Unsqueeze", "n axis", "u")
                .node("Concat", "u rest", "shape")
                .with("axis", 0L)
                .node("Reshape", "x shape", "y");
        picture("channels shuffled")
                .weights("w", 6, 6, 1, 1)
                .longs("apart", 0, 2, 3, 13, 11)
                .longs("together", 0, 6, 13, 11)
                .node("Conv", "x w", "a")
                .node("Reshape", "a apart", "b")
                .node("Transpose", "b", "c")
                .with("perm", 0L, 2L, 1L, 3L, 4L)
                .node("Reshape", "c together", "d")
                .node("Conv", "d w", "y");
        picture("squeeze and unsqueeze")
                .longs("axes", 2, 3)
                .longs("front", 1)
                .node("GlobalAveragePool", "x", "m")
                .node("Squeeze", "m axes", "s")
                .node("Unsqueeze", "s front", "y");
        picture("input and output at once").node("Identity", "x", "y");
        picture("expanded over the picture")
                .longs("shape", 1, 1, 13, 11)
                .node("GlobalAveragePool", "x", "m")
                .node("Expand", "m shape", "y");
        picture("tiled behind a convolution")
                .weights("w", 2, 6, 1, 1)
                .longs("repeats", 1, 2, 1, 3)
                .node("Conv", "x w", "a")
                .node("Tile", "a repeats", "y");
        picture("depth to space")
                .weights("w", 12, 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("DepthToSpace", "a", "y")
                .with("blocksize", 2L);
        model("space to depth", "N", 3, 8, 6).node("SpaceToDepth", "x", "y").with("blocksize", 2L);
    }

    private void addPieces() {
        for (int axis = 1; axis < 4; axis++) {
            picture("concatenation on axis " + axis)
                    .weights("w", 6, 6, 1, 1)
                    .node("Conv", "x w", "a")
                    .node("Concat", "a x", "y")
                    .with("axis", (long) axis);
        }
        picture("concatenation with negative axis").node("Concat", "x x", "y").with("axis", -3L);
        picture("even parts put together anew")
                .weights("w", 6, 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("Split", "a", "p q")
                .with("axis", 1L)
                .node("Concat", "q p", "y")
                .with("axis", 2L);
        picture("uneven parts")
                .longs("sizes", 4, 2)
                .node("Split", "x sizes", "p q")
                .with("axis", 1L)
                .node("Concat", "q p", "y")
                .with("axis", 1L);
        picture("slice with steps behind a convolution")
                .weights("w", 5, 6, 1, 1)
                .longs("from", 1, -9)
                .longs("to", 100, -1)
                .longs("axes", 1, 3)
                .longs("steps", 2, 3)
                .node("Conv", "x w", "a")
                .node("Slice", "a from to axes steps", "y");
        picture("slice backwards")
                .longs("from", 100)
                .longs("to", -100)
                .longs("axes", 2)
                .longs("steps", -2)
                .node("Slice", "x from to axes steps", "y");
        picture("channels picked")
                .weights("w", 5, 6, 1, 1)
                .longs("picked", 4, 0, -2)
                .node("Conv", "x w", "a")
                .node("Gather", "a picked", "y")
                .with("axis", 1L);
        picture("one column")
                .scalarLong("column", 3)
                .node("Gather", "x column", "y")
                .with("axis", 3L);
        empty("rows of a table by computed indices")
                .input("x", ElementType.INT64, "N", 4)
                .weights("table", 9, 5)
                .node("Gather", "table x", "y");
    }

    private void addPads() {
        picture("zeros around a convolution")
                .weights("w", 5, 6, 1, 1)
                .longs("pads", 0, 1, 0, 2, 0, 0, 3, 1)
                .node("Conv", "x w", "a")
                .node("Pad", "a pads", "y");
        picture("a value around the picture")
                .longs("pads", 0, 0, 1, 2, 0, 0, 3, 1)
                .scalar("v", 1.5f)
                .node("Pad", "x pads v", "y");
        picture("the picture reflected")
                .longs("pads", 0, 0, 1, 2, 0, 0, 3, 1)
                .node("Pad", "x pads", "y")
                .with("mode", "reflect");
    }

    private void addResizes() {
        String[] transformations = {"asymmetric", "half_pixel", "align_corners"};
        for (String transformation : transformations) {
            picture("twice as large, linear, " + transformation)
                    .floats("scales", 1, 1, 2, 2)
                    .node("Resize", "x _ scales", "y")
                    .with("mode", "linear")
                    .with("coordinate_transformation_mode", transformation);
        }
        picture("twice as large, nearest")
                .weights("w", 5, 6, 1, 1)
                .floats("scales", 1, 1, 2, 3)
                .node("Conv", "x w", "a")
                .node("Resize", "a _ scales", "y")
                .with("coordinate_transformation_mode", "asymmetric")
                .with("nearest_mode", "floor");
        picture("twice as large, nearest, by halves")
                .floats("scales", 1, 1, 2, 2)
                .node("Resize", "x _ scales", "y");
    }
}
