package tangram.web.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tangram.nn.data.DataException;

/** Requests as nobody's browser would send them. */
@Timeout(60)
class LocalServerTest {
  private static final String TOKEN = "secret-of-the-test";

  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch release = new CountDownLatch(1);

  /** Requests that wait for {@link #release}. */
  private final Semaphore waiting = new Semaphore(0);

  private final Events events = new Events();
  private LocalServer server;

  @BeforeEach
  void start() {
    server =
        new LocalServer(
            0,
            new LocalServer.Policy("The page", "--port", "default-src 'none'", TOKEN),
            null,
            failures::add);
    server
        .route("GET", "/", r -> Reply.of(200, "text/plain", new byte[] {'p'}))
        .route("GET", "/api.js", r -> Reply.of(200, "text/javascript", new byte[] {';'}))
        .route("GET", "/api/things/{}/of/{}", r -> number(r.number(0) + r.number(1)))
        .route("PUT", "/api/body", r -> number(r.body(10).length))
        .route("POST", "/api/json", r -> Reply.json(r.json()))
        .route("GET", "/api/data", r -> fail(new DataException("a.nii: is odd; mend it.")))
        .route("GET", "/api/bug", r -> fail(new IllegalStateException("a bug")))
        .route("GET", "/api/wait", this::await)
        .route("GET", "/api/events", r -> events.listen().reply(() -> {}));
    server.start();
  }

  @AfterEach
  void stop() {
    release.countDown();
    server.close();
    events.end("bye", Json.object());
  }

  private static Reply number(int number) {
    return Reply.json(Json.object().put("number", number));
  }

  private static Reply fail(RuntimeException e) {
    throw e;
  }

  private Reply await(Request request) {
    try {
      waiting.release();
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Reply.nothing();
  }

  private String host() {
    return "Host: 127.0.0.1:" + server.port() + "\r\n";
  }

  private static final String AUTH = "X-Pclmix-Token: " + TOKEN + "\r\n";

  private String raw(String start, String headers, String body) throws IOException {
    try (Socket socket = open(start, headers + "Connection: close\r\n", body)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private Socket open(String start, String headers, String body) throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port());
    String request = start + " HTTP/1.1\r\n" + headers + "\r\n" + body;
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  private void assertStatus(int status, String answer) {
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
  }

  private String get(String path) throws IOException {
    return raw("GET " + path, host() + AUTH, "");
  }

  @Test
  void onlyThisMachineByItsNames() throws IOException {
    assertStatus(200, raw("GET /", host(), ""));
    assertStatus(200, raw("GET /", "Host: localhost:" + server.port() + "\r\n", ""));
    for (String other :
        List.of("evil.example:" + server.port(), "127.0.0.1", "127.0.0.1:1", "[::1]:80")) {
      String answer = raw("GET /", "Host: " + other + "\r\n", "");
      assertStatus(421, answer);
      assertTrue(answer.contains("ssh -L PORT:127.0.0.1:PORT"), answer);
      assertTrue(answer.contains("--port"), answer);
    }
    for (NetworkInterface of : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(of.getInetAddresses())) {
        if (!address.isLoopbackAddress() && address.getAddress().length == 4) {
          assertThrows(ConnectException.class, () -> new Socket(address, server.port()).close());
        }
      }
    }
  }

  @Test
  void otherPagesAreRefused() throws IOException {
    String own = "http://127.0.0.1:" + server.port();
    assertStatus(200, raw("GET /", host() + "Origin: " + own + "\r\n", ""));
    assertStatus(200, raw("GET /", host() + "Sec-Fetch-Site: same-origin\r\n", ""));
    assertStatus(200, raw("GET /", host() + "Sec-Fetch-Site: none\r\n", ""));
    for (String header :
        List.of(
            "Origin: http://evil.example",
            "Origin: null",
            "Origin: http://localhost:" + server.port(),
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site")) {
      assertStatus(403, raw("GET /", host() + header + "\r\n", ""));
      assertStatus(403, raw("GET /api/things/1/of/2", host() + AUTH + header + "\r\n", ""));
    }
  }

  @Test
  void aLinkToThePageMayBeFollowed() throws IOException {
    String cross = host() + AUTH + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n";
    assertStatus(200, raw("GET /", cross + "Sec-Fetch-Dest: document\r\n", ""));
    assertStatus(403, raw("GET /", cross + "Sec-Fetch-Dest: iframe\r\n", ""));
    assertStatus(403, raw("POST /", cross + "Sec-Fetch-Dest: document\r\n", ""));
    assertStatus(403, raw("GET /api/things/1/of/2", cross + "Sec-Fetch-Dest: document\r\n", ""));
  }

  @Test
  void theTokenIsAskedForBelowApi() throws IOException {
    String path = "GET /api/things/1/of/2";
    assertStatus(200, raw(path, host() + AUTH, ""));
    assertStatus(401, raw(path, host(), ""));
    assertStatus(401, raw(path, host() + "X-Pclmix-Token: \r\n", ""));
    assertStatus(401, raw(path, host() + AUTH.replace("test", "tes"), ""));
    assertStatus(401, raw("GET /api/none", host(), ""));
    // No part of the API.
    assertStatus(200, raw("GET /api.js", host(), ""));
    assertStatus(401, raw("GET /api/things/1/of/2?t=" + TOKEN, host(), ""));
  }

  @Test
  void addressesAreThoseOfRoutesAlone() throws IOException {
    assertTrue(get("/api/things/1/of/20").endsWith("{\"number\":21}"));
    for (String path :
        List.of(
            "/api/things/-1/of/2",
            "/api/things/1/of/2/",
            "/api/things/1/of/..%2f..%2fetc%2fpasswd",
            "/..%2f..%2fetc%2fpasswd",
            "/../../etc/passwd",
            "/api/things/9999999999/of/2",
            "/index.html")) {
      assertStatus(404, get(path));
    }
    String answer = raw("DELETE /", host(), "");
    assertStatus(405, answer);
    assertTrue(answer.contains("Allow: GET, HEAD"), answer);
    assertStatus(405, raw("HEAD /api/things/1/of/2", host() + AUTH, ""));
    String head = raw("HEAD /", host(), "");
    assertStatus(200, head);
    assertTrue(head.toLowerCase().contains("content-length: 1\r\n"), head);
    assertTrue(head.endsWith("\r\n\r\n"), head);
  }

  @Test
  void everyAnswerHasTheHeaders() throws IOException {
    for (String answer : List.of(raw("GET /", host(), ""), raw("GET /", "Host: x\r\n", ""))) {
      String text = answer.toLowerCase();
      assertTrue(text.contains("content-security-policy: default-src 'none'"), answer);
      assertTrue(text.contains("x-content-type-options: nosniff"), answer);
      assertTrue(text.contains("cache-control: no-store"), answer);
      assertTrue(text.contains("referrer-policy: no-referrer"), answer);
      assertFalse(text.contains("access-control"), answer);
    }
  }

  @Test
  void bodiesAreLimited() throws IOException {
    String start = host() + AUTH;
    assertTrue(raw("PUT /api/body", start + "Content-Length: 4\r\n", "abcd").endsWith(":4}"));
    assertStatus(413, raw("PUT /api/body", start + "Content-Length: 11\r\n", "abcdefghijk"));
    String chunked = "Transfer-Encoding: chunked\r\n";
    assertStatus(413, raw("PUT /api/body", start + chunked, "b\r\nabcdefghijk\r\n0\r\n\r\n"));
    assertTrue(
        raw("POST /api/json", start + "Content-Length: 7\r\n", "{\"a\":1}").endsWith("{\"a\":1}"));
    for (String text : List.of("[1]", "{\"a\":1} x", "{\"a\":1,\"a\":2}", "{", "nul")) {
      String length = "Content-Length: " + text.length() + "\r\n";
      assertStatus(422, raw("POST /api/json", start + length, text));
    }
    assertEquals(List.of(), failures);
  }

  /** The answer comes although the body never does. */
  @Test
  void aBodyThatIsDeclaredTooLongIsNotWaitedFor() throws IOException {
    try (Socket socket =
        open("PUT /api/body", host() + AUTH + "Content-Length: 99000000\r\n", "x")) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertStatus(413, in.readLine());
    }
  }

  @Test
  void whatGoesWrongIsJson() throws IOException {
    String data = get("/api/data");
    assertStatus(422, data);
    assertTrue(data.endsWith("{\"error\":\"a.nii: is odd.\",\"mend\":\"Mend it.\"}"), data);
    assertEquals(List.of(), failures);
    String bug = get("/api/bug");
    assertStatus(500, bug);
    assertFalse(bug.contains("\tat "), bug);
    assertEquals(1, failures.size());
  }

  @Test
  void requestsAtATimeAreLimited() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 64; i++) {
        sockets.add(open("GET /api/wait", host() + AUTH, ""));
      }
      assertTrue(waiting.tryAcquire(64, 60, TimeUnit.SECONDS));
      assertStatus(503, raw("GET /", host(), ""));
      release.countDown();
      for (Socket socket : sockets) {
        assertTrue(
            new BufferedReader(new InputStreamReader(socket.getInputStream()))
                .readLine()
                .contains(" 204 "));
      }
      assertStatus(200, raw("GET /", host(), ""));
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void eventsArriveInTheirOrder() throws IOException {
    try (Socket socket = open("GET /api/events", host() + AUTH, "")) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String line = in.readLine();
      assertStatus(200, line);
      while (!line.equals(": hello")) {
        line = in.readLine();
      }
      events.publish("saved", Json.object().put("text", "line\nbreak"));
      events.end("bye", Json.object());
      List<String> lines = new ArrayList<>();
      while (!lines.contains("event: bye")) {
        lines.add(in.readLine());
      }
      assertTrue(
          lines.indexOf("data: {\"text\":\"line\\nbreak\"}") == lines.indexOf("event: saved") + 1,
          lines.toString());
    }
  }

  @Test
  void aPortInUseIsASentence() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      PortException e =
          assertThrows(
              PortException.class,
              () ->
                  new LocalServer(
                      taken.getLocalPort(),
                      new LocalServer.Policy("The page", "--port", "", null),
                      null,
                      failures::add));
      assertTrue(e.getMessage().contains("--port"), e.getMessage());
    }
  }
}
