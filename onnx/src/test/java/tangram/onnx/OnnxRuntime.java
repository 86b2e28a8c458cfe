package tangram.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Runs an ONNX file in Microsoft's runtime. */
public final class OnnxRuntime implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /** Reads a model, which is checked by this. */
  public OnnxRuntime(Path file) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      session = environment.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The model in the runtime. */
  public OrtSession session() {
    return session;
  }

  /** The model's results, by name, for inputs by name. */
  public Map<String, Tensor> run(Device device, Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    Map<String, Tensor> results = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        given.put(input.getKey(), tensor(input.getValue()));
      }
      try (OrtSession.Result result = session.run(given)) {
        for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
          results.put(output.getKey(), tensor(device, (OnnxTensor) output.getValue()));
        }
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
    return results;
  }

  /**
   * Fails where a model's result has another type or shape, or numbers further away than this part
   * of the largest.
   */
  public static void assertClose(String what, Tensor expected, Tensor actual, double tolerance) {
    assertEquals(expected.type(), actual.type(), what);
    assertEquals(expected.shape(), actual.shape(), what);
    double[] numbers = numbers(expected);
    double[] others = numbers(actual);
    double largest = 0;
    for (double v : numbers) {
      largest = Double.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
    }
    for (int i = 0; i < numbers.length; i++) {
      boolean same =
          Double.isFinite(numbers[i])
              ? Math.abs(numbers[i] - others[i]) <= tolerance * Math.max(1e-3, largest)
              : Double.compare(numbers[i], others[i]) == 0;
      assertTrue(same, what + ": " + others[i] + " instead of " + numbers[i] + " at " + i);
    }
  }

  private static double[] numbers(Tensor x) {
    return switch (x.type()) {
      case I32, I64 -> Arrays.stream(x.contiguous().toLongs()).asDoubleStream().toArray();
      case BOOL -> numbers(x.to(DType.I32));
      default -> x.contiguous().toDoubles();
    };
  }

  private OnnxTensor tensor(Tensor x) throws OrtException {
    Tensor all = x.contiguous();
    long[] shape = Arrays.stream(x.shape().dims()).asLongStream().toArray();
    switch (x.type()) {
      case F32:
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(all.toFloats()), shape);
      case F64:
        return OnnxTensor.createTensor(environment, DoubleBuffer.wrap(all.toDoubles()), shape);
      case I32:
        return OnnxTensor.createTensor(environment, IntBuffer.wrap(all.toInts()), shape);
      case I64:
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(all.toLongs()), shape);
      case BOOL:
        ByteBuffer bytes = ByteBuffer.allocateDirect(x.size()).order(ByteOrder.nativeOrder());
        for (boolean b : all.toBooleans()) {
          bytes.put((byte) (b ? 1 : 0));
        }
        return OnnxTensor.createTensor(environment, bytes.flip(), shape, OnnxJavaType.BOOL);
      default:
        throw new IllegalArgumentException("inputs of " + x.type());
    }
  }

  private static Tensor tensor(Device device, OnnxTensor y) {
    TensorInfo info = y.getInfo();
    int[] dims = Arrays.stream(info.getShape()).mapToInt(Math::toIntExact).toArray();
    int size = Shape.of(dims).size();
    switch (info.type) {
      case FLOAT:
        float[] floats = new float[size];
        y.getFloatBuffer().get(floats);
        return device.tensor(floats, dims);
      case DOUBLE:
        double[] doubles = new double[size];
        y.getDoubleBuffer().get(doubles);
        return device.uninitialized(DType.F64, Shape.of(dims)).copyFrom(doubles, 0);
      case INT32:
        int[] ints = new int[size];
        y.getIntBuffer().get(ints);
        return device.tensor(ints, dims);
      case INT64:
        long[] longs = new long[size];
        y.getLongBuffer().get(longs);
        return device.tensor(longs, dims);
      case BOOL:
        boolean[] booleans = new boolean[size];
        ByteBuffer bytes = y.getByteBuffer();
        for (int i = 0; i < size; i++) {
          booleans[i] = bytes.get() != 0;
        }
        return device.tensor(booleans, dims);
      default:
        throw new IllegalArgumentException("results of " + info.type);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
