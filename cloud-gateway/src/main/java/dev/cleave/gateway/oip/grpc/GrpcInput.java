package dev.cleave.gateway.oip.grpc;

import com.google.protobuf.ByteString;
import dev.cleave.gateway.oip.Datatype;
import dev.cleave.gateway.oip.InputTensor;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.Quoted;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;

/**
 * An input of a message.
 *
 * @param raw its elements as bytes, or null where they are in the tensor's contents
 */
record GrpcInput(InferInputTensor tensor, ByteString raw) implements InputTensor {
    @Override
    public String name() {
        return tensor.getName();
    }

    @Override
    public String datatype() {
        return tensor.getDatatype();
    }

    @Override
    public long[] shape() {
        return tensor.getShapeList().stream()
                .limit(Shape.MAX_RANK + 1L)
                .mapToLong(Long::longValue)
                .toArray();
    }

    @Override
    public void requireElements(ElementType type, long elements) throws OipException {
        if (raw == null) {
            TypedContents.requireElements(name(), type, elements, tensor.getContents());
        } else if (elements > Integer.MAX_VALUE || raw.size() != elements * type.bytes()) {
            throw OipException.malformed("input " + Quoted.of(name()) + " has " + raw.size()
                    + " bytes in raw_input_contents; expected " + elements + " elements of " + Datatype.of(type));
        }
    }

    @Override
    public void write(ElementType type, Shape shape, ByteBuffer into) throws OipException {
        if (raw == null) {
            TypedContents.write(name(), type, tensor.getContents(), into);
        } else {
            raw.copyTo(into);
        }
    }
}
