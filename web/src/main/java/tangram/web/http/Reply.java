package tangram.web.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** The answer to a request. */
public final class Reply {
  /** Writes an answer whose end is not known. */
  public interface Stream {
    /** Writes until the end; what is written is sent at once. */
    void write(OutputStream out) throws IOException;
  }

  private final int status;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final byte[] body;
  private final Stream stream;

  private Reply(int status, String type, byte[] body, Stream stream) {
    this.status = status;
    this.body = body;
    this.stream = stream;
    if (type != null) {
      headers.put("Content-Type", type);
    }
  }

  /** Bytes of a media type. */
  public static Reply of(int status, String type, byte[] body) {
    return new Reply(status, type, body, null);
  }

  /** A node as JSON. */
  public static Reply json(int status, JsonNode node) {
    return of(status, "application/json", Json.bytes(node));
  }

  /** A node as JSON, all being well. */
  public static Reply json(JsonNode node) {
    return json(200, node);
  }

  /** Numbers as bytes. */
  public static Reply bytes(byte[] body) {
    return of(200, "application/octet-stream", body);
  }

  /** Nothing, all being well. */
  public static Reply nothing() {
    return of(204, null, new byte[0]);
  }

  /** What goes on. */
  public static Reply stream(String type, Stream stream) {
    return new Reply(200, type, null, stream);
  }

  /** The same bytes, compressed quickly. */
  public Reply zipped() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 2 + 64);
    try (GZIPOutputStream out =
        new GZIPOutputStream(bytes, 1 << 16) {
          {
            def.setLevel(Deflater.BEST_SPEED);
          }
        }) {
      out.write(body);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    Reply zipped = new Reply(status, null, bytes.toByteArray(), null);
    zipped.headers.putAll(headers);
    return zipped.with("Content-Encoding", "gzip");
  }

  /** Adds a header; returns this. */
  public Reply with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }

  byte[] body() {
    return body;
  }

  Stream stream() {
    return stream;
  }
}
