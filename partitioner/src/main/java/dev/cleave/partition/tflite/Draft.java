package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.FlatModel;
import dev.cleave.partition.tflite.flat.FlatOperator;
import dev.cleave.partition.tflite.flat.FlatTensor;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.lite.schema.BuiltinOperator;

/**
 * The TensorFlow Lite graph under construction. A tensor of the ONNX graph has one or several places in it, each with the
 * order in which its axes lie there; asking for an order in which there is none yet makes one, with a RESHAPE where
 * the elements lie alike and a TRANSPOSE elsewhere. One thread.
 */
final class Draft {
    private final SourceGraph source;
    private final FlatModel flat = new FlatModel();
    private final Map<String, List<Place>> places = new HashMap<>();
    private final Map<Integer, FlatOperator> makers = new HashMap<>();
    /** Tensors that stand for more than one of the ONNX graph. */
    private final Set<Integer> shared = new HashSet<>();

    /** Where a tensor lies, and how. */
    private record Place(int tensor, int[] order) {}

    Draft(SourceGraph source) {
        this.source = source;
    }

    SourceGraph source() {
        return source;
    }

    FlatTensor tensor(int index) {
        return flat.tensor(index);
    }

    /** Declares the inputs as the ONNX graph has them; bytes become signed right behind them. */
    void openInputs() throws UnconvertibleException {
        for (String name : source.inputs()) {
            ElementType type = source.type(name);
            Extent extent = source.extent(name);
            Quantization quantization = quantization(name);
            int input = flat.add(new FlatTensor(name, type, extent, quantization, null));
            flat.addInput(input);
            int[] order = Order.given(extent.rank());
            if (type == ElementType.UINT8) {
                int signed = make(name, order);
                emit(BuiltinOperator.QUANTIZE, Options.NONE, new int[] {input}, signed);
            } else {
                settle(name, input, order);
            }
        }
    }

    /** Declares the outputs as the ONNX graph has them; what is an input, a constant or an output already is copied. */
    void closeOutputs() throws UnconvertibleException {
        for (String name : source.outputs()) {
            ElementType type = source.type(name);
            Extent extent = source.extent(name);
            int made = in(name, Order.given(extent.rank()));
            if (type == ElementType.UINT8) {
                int unsigned = flat.add(new FlatTensor(name, type, extent, source.quantization(name), null));
                emit(BuiltinOperator.QUANTIZE, Options.NONE, new int[] {made}, unsigned);
                made = unsigned;
            } else if (flat.isInputOrOutput(made) || flat.tensor(made).constant() != null) {
                made = reshape(made, extent, name);
            }
            flat.rename(made, name);
            flat.addOutput(made);
        }
    }

    byte[] toBytes() {
        return flat.toBytes();
    }

    /** What the integers of a tensor stand for, in the type that it has here; null for a tensor of other numbers. */
    private Quantization quantization(String name) throws UnconvertibleException {
        ElementType type = source.type(name);
        return switch (type) {
            case INT8 -> source.quantization(name);
            case UINT8 -> source.quantization(name);
            default -> null;
        };
    }

    private static ElementType signed(ElementType type) {
        return type == ElementType.UINT8 ? ElementType.INT8 : type;
    }

    /** The order in which a tensor was made; the given one for constants. */
    int[] order(String name) throws UnconvertibleException {
        List<Place> made = places.get(name);
        return made == null
                ? Order.given(source.extent(name).rank())
                : made.get(0).order().clone();
    }

    /** A tensor in an order. */
    int in(String name, int[] order) throws UnconvertibleException {
        List<Place> made = places.computeIfAbsent(name, key -> new ArrayList<>());
        for (Place place : made) {
            if (Arrays.equals(place.order(), order)) {
                return place.tensor();
            }
        }
        Constant constant = source.constant(name);
        int tensor = constant == null ? moved(name, made, order) : constant(name, constant.in(order));
        made.add(new Place(tensor, order.clone()));
        return tensor;
    }

    private int moved(String name, List<Place> made, int[] order) throws UnconvertibleException {
        Extent extent = source.extent(name);
        for (Place place : made) {
            if (Order.liesAlike(place.order(), order, extent)) {
                return reshape(place.tensor(), extent.in(order), label(name, order));
            }
        }
        if (made.isEmpty()) {
            throw new UnconvertibleException("", "tensor \"" + name + "\" is read before it is made");
        }
        return transpose(made.get(0).tensor(), Order.between(made.get(0).order(), order), label(name, order));
    }

    private int constant(String name, Constant constant) throws UnconvertibleException {
        boolean isByte = constant.type() == ElementType.UINT8 || constant.type() == ElementType.INT8;
        Quantization quantization = isByte ? source.quantization(name).signed(constant.type()) : null;
        return constant(name, constant.signed(), quantization);
    }

    /** Adds a tensor of known values. */
    int constant(String name, Constant constant, Quantization quantization) throws UnconvertibleException {
        switch (constant.type()) {
            case FLOAT32, INT8, INT32, INT64, BOOL -> {}
            default ->
                throw new UnconvertibleException(
                        "",
                        "constant \"" + name + "\" is " + constant.type().jsonName()
                                + "; expected float32, int32, int64, int8, uint8 or bool");
        }
        return flat.add(new FlatTensor(name, constant.type(), constant.extent(), quantization, constant));
    }

    /** A new tensor that stands for one of the ONNX graph in an order. */
    int make(String name, int[] order) throws UnconvertibleException {
        ElementType type = source.type(name);
        Quantization quantization = quantization(name);
        int tensor = flat.add(new FlatTensor(
                label(name, order),
                signed(type),
                source.extent(name).in(order),
                quantization == null ? null : quantization.signed(type),
                null));
        settle(name, tensor, order);
        return tensor;
    }

    /** Lets a tensor stand for one of the ONNX graph. */
    void settle(String name, int tensor, int[] order) {
        places.computeIfAbsent(name, key -> new ArrayList<>()).add(new Place(tensor, order.clone()));
    }

    /**
     * Lets a tensor of the ONNX graph have the places of another.
     *
     * @param axes which axis of the other each of its axes is
     */
    void share(String from, String with, int[] axes) throws UnconvertibleException {
        in(from, order(from));
        List<Place> taken = new ArrayList<>();
        for (Place place : places.get(from)) {
            shared.add(place.tensor());
            int[] order = new int[axes.length];
            for (int i = 0; i < order.length; i++) {
                order[i] = Order.place(axes, place.order()[i]);
            }
            taken.add(new Place(place.tensor(), order));
        }
        places.put(with, taken);
    }

    /** A tensor whose elements lie as the ONNX graph has them, but for axes of a single element. */
    int linear(String name) throws UnconvertibleException {
        int[] given = Order.given(source.extent(name).rank());
        for (Place place : places.getOrDefault(name, List.of())) {
            if (Order.liesAlike(place.order(), given, source.extent(name))) {
                return place.tensor();
            }
        }
        return in(name, given);
    }

    /** A new tensor that stands for none of the ONNX graph. */
    int inner(String name, ElementType type, Extent extent, Quantization quantization) {
        return flat.add(new FlatTensor(name, type, extent, quantization, null));
    }

    void emit(int code, Options options, int[] inputs, int... outputs) {
        FlatOperator operator = new FlatOperator(code, options, inputs, outputs);
        flat.add(operator);
        for (int output : outputs) {
            makers.put(output, operator);
        }
    }

    /** The operator that makes a tensor; null for inputs and constants. */
    FlatOperator maker(int tensor) {
        return makers.get(tensor);
    }

    /**
     * Lets the operator that made a tensor apply a function to it.
     *
     * @return false if it cannot, or if others want the tensor as it is
     */
    boolean activate(String before, String after, byte function) {
        List<Place> made = places.get(before);
        if (made == null || made.size() != 1 || !source.isInner(before)) {
            return false;
        }
        FlatOperator maker = makers.get(made.get(0).tensor());
        if (maker == null || !maker.canActivate() || shared.contains(made.get(0).tensor())) {
            return false;
        }
        maker.activate(function);
        settle(after, made.get(0).tensor(), made.get(0).order());
        return true;
    }

    /** The same elements in the same places under another extent, of which at most one axis may be open. */
    int reshape(int from, Extent extent, String name) throws UnconvertibleException {
        if (extent.openAxes() > 1) {
            throw new UnconvertibleException(
                    "", "tensor \"" + name + "\" has shape " + extent + "; expected one axis that grows with the rows");
        }
        int target = constant(name + "/shape", Constant.ofInts(extent.signature()), null);
        int reshaped = like(from, name, extent);
        emit(BuiltinOperator.RESHAPE, Options.reshape(extent.signature()), new int[] {from, target}, reshaped);
        return reshaped;
    }

    private int transpose(int from, int[] permutation, String name) throws UnconvertibleException {
        int axes = constant(name + "/permutation", Constant.ofInts(permutation), null);
        int transposed = like(from, name, flat.tensor(from).extent().in(permutation));
        emit(BuiltinOperator.TRANSPOSE, Options.NONE, new int[] {from, axes}, transposed);
        return transposed;
    }

    /** A tensor with the axes of another in another order. */
    int permuted(int from, int[] permutation, String name) throws UnconvertibleException {
        Extent extent = flat.tensor(from).extent();
        return Order.liesAlike(Order.given(extent.rank()), permutation, extent)
                ? reshape(from, extent.in(permutation), name)
                : transpose(from, permutation, name);
    }

    /** A new tensor with the type and the quantisation of another. */
    int like(int from, String name, Extent extent) {
        FlatTensor tensor = flat.tensor(from);
        return inner(name, tensor.type(), extent, tensor.quantization());
    }

    private static String label(String name, int[] order) {
        if (Arrays.equals(order, Order.given(order.length))) {
            return name;
        }
        StringBuilder label = new StringBuilder(name).append('/');
        for (int axis : order) {
            label.append(axis);
        }
        return label.toString();
    }
}
