package tangram.compare;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/** A model in ONNX Runtime with all its optimisations, as it is by default, and one input. */
final class OnnxRuntime implements AutoCloseable {
  private final OrtSession session;
  private final OnnxTensor input;
  private final Map<String, OnnxTensor> inputs;

  /**
   * Loads a model.
   *
   * @param values its input, row-major
   */
  OnnxRuntime(byte[] model, int threads, float[] values, int... dims) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(values.length * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    buffer.put(values).flip();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      session = environment.createSession(model, options);
      long[] shape = Arrays.stream(dims).asLongStream().toArray();
      input = OnnxTensor.createTensor(environment, buffer, shape);
      inputs = Map.of(session.getInputNames().iterator().next(), input);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The model's only output. */
  float[] run() {
    try (OrtSession.Result result = session.run(inputs)) {
      FloatBuffer output = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] values = new float[output.remaining()];
      output.get(values);
      return values;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    input.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
