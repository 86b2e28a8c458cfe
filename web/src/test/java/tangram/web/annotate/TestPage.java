package tangram.web.annotate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a page asks for, without a browser. */
final class TestPage implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final String base;
  final String token;
  final String tab;

  TestPage(String url, String tab) {
    base = url.substring(0, url.indexOf('#')) + "api";
    token = url.substring(url.indexOf("#t=") + 3);
    this.tab = tab;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .header("X-Pclmix-Token", token)
        .header("X-Pclmix-Tab", tab);
  }

  HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  HttpResponse<byte[]> get(String path) throws IOException {
    return send(request(path));
  }

  JsonNode json(HttpResponse<byte[]> answer) throws IOException {
    return MAPPER.readTree(answer.body());
  }

  JsonNode session() throws IOException {
    return json(get("/session"));
  }

  HttpResponse<byte[]> call(String method, String path, String body) throws IOException {
    return send(request(path).method(method, BodyPublishers.ofString(body)));
  }

  HttpResponse<byte[]> put(String path, byte[] labels, String revision) throws IOException {
    return send(request(path).header("If-Match", revision).PUT(BodyPublishers.ofByteArray(labels)));
  }

  /** Draws in a slice as it is now. */
  HttpResponse<byte[]> draw(String path, byte[] labels) throws IOException {
    return put(path, labels, get(path).headers().firstValue("ETag").orElseThrow());
  }

  /** A slice with a class at some voxels and nothing elsewhere. */
  static byte[] slice(int size, int label, int... at) {
    byte[] labels = new byte[size];
    Arrays.fill(labels, (byte) 255);
    for (int i : at) {
      labels[i] = (byte) label;
    }
    return labels;
  }

  static List<Integer> ints(JsonNode array) {
    List<Integer> numbers = new ArrayList<>();
    array.forEach(node -> numbers.add(node.asInt()));
    return numbers;
  }

  @Override
  public void close() {
    client.close();
  }
}
