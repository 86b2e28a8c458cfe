package tangram.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executors;
import tangram.onnx.OnnxModel;
import tangram.onnx.OnnxModule;
import tangram.tensor.Autograd;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Serves an ONNX model that has one input and one output: {@code OnnxServer MODEL.onnx PORT
 * DIM...}.
 *
 * <p>{@code POST /} with single-precision numbers, lower byte first, of the given dimensions
 * answers with a line of numbers: {@code curl --data-binary @image.raw localhost:8080}.
 */
public final class OnnxServer {
  private final OnnxModule model;
  private final int[] dims;
  private final int size;

  private OnnxServer(OnnxModule model, int... dims) {
    this.model = model;
    this.dims = dims;
    this.size = Arrays.stream(dims).reduce(1, Math::multiplyExact);
  }

  /** Starts the server, for this machine alone. */
  public static void main(String[] args) throws IOException {
    OnnxModule model = new OnnxModule(OnnxModel.read(Path.of(args[0])), Devices.get("vector"));
    int[] dims = Arrays.stream(args).skip(2).mapToInt(Integer::parseInt).toArray();
    HttpServer server = start(model, Integer.parseInt(args[1]), dims);
    System.out.println("http://localhost:" + server.getAddress().getPort());
  }

  static HttpServer start(OnnxModule model, int port, int... dims) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/", new OnnxServer(model, dims)::answer);
    // One module computes for many requests at once.
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return server;
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(4 * size + 1);
    boolean fits = body.length == 4 * size;
    String text = fits ? compute(body) : "send %d numbers, %d bytes".formatted(size, 4 * size);
    byte[] answer = (text + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(fits ? 200 : 400, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private String compute(byte[] body) {
    float[] values = new float[size];
    ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    try (Scope scope = Scope.open();
        Autograd.Guard inference = Autograd.noGrad()) {
      Tensor result = model.forward(Devices.get("vector").tensor(values, dims));
      return Arrays.toString(result.toFloats());
    }
  }
}
