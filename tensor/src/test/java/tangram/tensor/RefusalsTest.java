package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;
import tangram.tensor.reference.ReferenceDevice;
import tangram.tensor.vector.VectorDevice;

/** What does not fit is refused by a sentence that names the operation, on every device. */
class RefusalsTest {
  private static final List<Device> DEVICES = List.of(new ReferenceDevice(), new VectorDevice());

  private interface Call {
    void on(Device device);
  }

  private static void refused(String says, Call call) {
    for (Device device : DEVICES) {
      RuntimeException e = assertThrows(RuntimeException.class, () -> call.on(device), says);
      assertTrue(
          e instanceof IllegalArgumentException || e instanceof IllegalStateException,
          says + ": " + e);
      assertTrue(e.getMessage().contains(says), says + ": " + e.getMessage());
    }
  }

  private static Tensor integers(Device device) {
    return device.tensor(new int[] {-1, 0, 1, 2});
  }

  private static Tensor reals(Device device) {
    return device.tensor(new double[] {-1, 0, 1, 2});
  }

  @Test
  void classesThatDoNotExist() {
    refused("oneHot of [4, 3]: index -1", d -> integers(d).oneHot(3));
    refused("oneHot of [4, 2]: index 2", d -> integers(d).abs().oneHot(2));
    refused("oneHot: an index holds integers, not F32", d -> reals(d).oneHot(3));
    refused("oneHot: -2 classes", d -> integers(d).oneHot(-2));
    for (Device device : DEVICES) {
      long[] expected = {0, 1, 1, 0};
      assertArrayEquals(expected, device.tensor(new int[] {1, 0}).oneHot(2).toLongs());
    }
  }

  @Test
  void numbersThatIntegersDoNotHold() {
    refused("add: 1.0E10 does not fit type I32", d -> integers(d).add(1e10));
    refused("cannot hold Infinity", d -> d.full(1 / 0., DType.I64, Shape.of(1)));
    refused("type I32 cannot hold 1.0E10", d -> d.full(1e10, DType.I32, Shape.of(1)));
    refused("pow: integers to the power of -1.0", d -> integers(d).pow(-1));
    refused("floorDivide: integers are divided by zero", d -> integers(d).floorDivide(0));
    refused("remainder: integers are divided by zero", d -> integers(d).remainder(0));
    for (Device device : DEVICES) {
      Tensor y = integers(device).mul(Double.POSITIVE_INFINITY);
      double infinity = Double.POSITIVE_INFINITY;
      double[] expected = {-infinity, Double.NaN, infinity, infinity};
      assertArrayEquals(expected, y.toDoubles());
      assertEquals(DType.F32, integers(device).quantile(0.5, 0).type());
      assertEquals(DType.F32, integers(device).quantile(0, 0).type());
    }
  }

  /** As PyTorch's: the root of -infinity is no number, that of -0 is -0. */
  @Test
  void squareRootsAsPowers() {
    for (Device device : DEVICES) {
      Tensor x = device.tensor(new double[] {Double.NEGATIVE_INFINITY, -0.0, 4});
      assertArrayEquals(new double[] {Double.NaN, -0.0, 2}, x.pow(0.5).toDoubles());
      double[] inverse = {Double.NaN, Double.NEGATIVE_INFINITY, 0.5};
      assertArrayEquals(inverse, x.pow(-0.5).toDoubles());
    }
  }

  @Test
  void masks() {
    refused("maskedSelect: a mask of type BOOL, not I32", d -> reals(d).maskedSelect(integers(d)));
    for (Device device : DEVICES) {
      Tensor mask = device.tensor(new boolean[] {true, false}, 2);
      Tensor filled = mask.maskedFill(mask, 0);
      assertArrayEquals(new boolean[] {false, false}, filled.toBooleans());
      // The mask's type does not count.
      assertEquals(DType.I32, integers(device).maskedFill(integers(device).gt(0), 7).type());
      assertEquals(DType.I32, integers(device).maskedFill(reals(device), 7).type());
    }
  }

  /** Methods that are made of others are named all the same. */
  @Test
  void namesOfMethods() {
    Call select = d -> reals(d).indexSelect(0, integers(d));
    refused("indexSelect of [4]: index -1 in a dimension of 4", select);
    refused("indexAdd of [4]: index -1", d -> reals(d).indexAdd(0, integers(d), reals(d)));
    refused("embedding of [4]: index -1", d -> reals(d).embedding(integers(d)));
    refused("bincount: no number below 0, not -1", d -> integers(d).bincount(2));
    refused("dot: [4] has rows of 4", d -> reals(d).dot(d.zeros(3)));
    refused("outer needs 1 dimensions", d -> reals(d).outer(d.zeros(2, 2)));
  }

  @Test
  void linearInDoublePrecisionAndOfNothing() {
    for (Device device : DEVICES) {
      Tensor x = device.f64(1, 2, 3, 4).reshape(2, 2).requireGrad();
      Tensor y = LinearOp.linear(x, device.f64(1, -1).reshape(1, 2), device.f64(0.5));
      y.sum().backward();
      assertArrayEquals(new double[] {1, -1, 1, -1}, x.grad().toDoubles());
      Tensor none = LinearOp.linear(device.zeros(0, 2), device.zeros(3, 2), device.zeros(3));
      assertEquals(Shape.of(0, 3), none.shape());
    }
  }

  @Test
  void missingOperands() {
    refused("add: an operand is null", d -> reals(d).add((Tensor) null));
    refused("where: an operand is null", d -> Tensor.where(null, reals(d), reals(d)));
    refused("cat: an operand is null", d -> Tensor.cat(0, reals(d), null));
    refused("matmul: an operand is null", d -> reals(d).matmul(null));
    refused("gather: an operand is null", d -> reals(d).gather(0, null));
    refused("sub: an operand is null", d -> reals(d).sub((Tensor) null));
    refused("embedding: an operand is null", d -> reals(d).embedding(null));
    refused("indexAdd: an operand is null", d -> reals(d).indexAdd(0, integers(d), null));
    refused("maskedSelect: a mask of type BOOL, not null", d -> reals(d).maskedSelect(null));
    refused("stack: an operand is null", d -> Tensor.stack(0, reals(d), null));
    Tensor[] none = new Tensor[1];
    Call first = d -> ConvOp.conv(1, none[0], reals(d), null, ConvOptions.DEFAULT);
    refused("conv1d: an operand is null", first);
    refused("stack of no tensors", d -> Tensor.stack(0));
    Call conv = d -> d.zeros(1, 2, 3).conv1d(null, null, ConvOptions.DEFAULT);
    refused("conv1d needs weights", conv);
  }

  @Test
  void sizes() {
    int huge = 1 << 30;
    refused("too large", d -> Shape.of(huge, huge, huge));
    assertEquals(0, Shape.of(huge, huge, huge, 0).size());
    refused("arange: at least 0", d -> d.arange(-2));
    refused("too large", d -> d.arange(0, 1e12, 1));
    refused("negative dimension in [-1]", d -> d.linspace(0, 1, -1));
    refused("too large", d -> d.eye(huge));
    refused("too large", d -> d.zeros(1, 2, 2).interpolate(ResizeOptions.NEAREST, 1e300));
    refused("too large", d -> d.zeros(1, 2, 2).adaptiveAvgPool1d(Integer.MAX_VALUE));
    refused("repeat: [-1]", d -> reals(d).repeat(-1));
    refused("cannot expand [4] to [3]; from", d -> reals(d).expand(3));
    refused("topk: 9 of 4 elements", d -> reals(d).topk(9, 0, true));
    refused("quantile of no elements", d -> d.zeros(0).quantile(0.5, 0));
    refused("bincount: integers", d -> reals(d).bincount(3));
    refused("bernoulli of real numbers", d -> integers(d).bernoulli(new Generator(1)));
    refused("chunk: no dimension 2 in [4]", d -> reals(d).chunk(2, 2));
    refused("roll: no dimension 0 in []", d -> d.scalar(1).roll(1, 0));
    Tensor[] none = new Tensor[2];
    for (int rank : new int[] {0, 4}) {
      String says = "one to three dimensions, not " + rank;
      refused(says, d -> PoolOp.maxPool(rank, d.zeros(1, 2, 3), PoolOptions.of(1)));
      refused(says, d -> PoolOp.adaptiveAvgPool(rank, d.zeros(1, 2, 3), 1));
      Call conv =
          d -> ConvOp.conv(rank, d.zeros(1, 2), d.zeros(1, 2), none[0], ConvOptions.DEFAULT);
      refused(says, conv);
    }
  }
}
