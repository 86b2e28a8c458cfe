package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;

/** Copies from device to device, by way of the host. Gradient: a copy back. */
public final class TransferOp {
  private TransferOp() {}

  /** The elements on a device; the tensor itself where it is there. */
  public static Tensor transfer(Tensor x, Device device) {
    Checks.sameDevice("to", x, x);
    if (x.device() == device) {
      return x;
    }
    Tensor y = device.uninitialized(x.type(), x.shape());
    switch (x.type().kind()) {
      case BOOLEAN -> y.copyFrom(x.toBooleans(), 0);
      case INTEGER -> {
        if (x.type() == DType.I64) {
          y.copyFrom(x.toLongs(), 0);
        } else {
          y.copyFrom(x.toInts(), 0);
        }
      }
      case REAL -> {
        // Some devices keep single precision in double precision.
        boolean single = x.device().realBytes() == Float.BYTES || device.realBytes() == Float.BYTES;
        if (single && x.type() != DType.F64) {
          y.copyFrom(x.toFloats(), 0);
        } else {
          y.copyFrom(x.toDoubles(), 0);
        }
      }
    }
    Tracer.current().operation("copy", y, new Tensor[] {x});
    return Autograd.record("to(x)", y, x, gy -> transfer(gy, x.device()));
  }
}
