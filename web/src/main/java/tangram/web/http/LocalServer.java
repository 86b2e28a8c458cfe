package tangram.web.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;

/**
 * Serves browsers on this machine, and nobody else: it listens at 127.0.0.1 alone, refuses requests
 * that other pages caused or that name another host (whose name may have been resolved to this
 * address), asks for a token where the policy has one, and answers what goes wrong in a sentence of
 * JSON.
 */
public final class LocalServer implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final String API = "/api/";

  /** What is sent of an answer at a time. */
  private static final int PART = 1 << 16;

  /** Connections of all servers of a process; each has a thread while it is busy. */
  private static final int CONNECTIONS = 96;

  /** Requests that are answered at a time. */
  private static final int REQUESTS = 64;

  /** The longest that a client may take to read a part of an answer. */
  private static final int WRITE_SECONDS = 30;

  static {
    // The JDK's server takes its limits from properties only. Unless somebody has chosen others:
    limit("jdk.httpserver.maxConnections", CONNECTIONS);
    limit("sun.net.httpserver.maxReqTime", 10);
    limit("sun.net.httpserver.idleInterval", 5);
    limit("sun.net.httpserver.clockTick", 1000);
    limit("sun.net.httpserver.maxReqHeaderSize", 1 << 14);
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  /**
   * What a server insists on.
   *
   * @param name of the page, for sentences
   * @param portOption the option that chooses the port, for sentences
   * @param contentPolicy the Content-Security-Policy of all answers
   * @param token what the header {@code X-Pclmix-Token} of requests below {@code /api/} must be;
   *     null for no such check
   */
  public record Policy(String name, String portOption, String contentPolicy, String token) {}

  /** Answers requests of a route. */
  public interface Handler {
    /**
     * Answers a request.
     *
     * @throws HttpProblem to answer that
     */
    Reply answer(Request request);
  }

  private record Route(String method, Pattern path, Handler handler) {}

  private final Policy policy;
  private final HttpServer server;
  private final ExecutorService threads;
  private final Consumer<Throwable> failed;
  private final List<Route> routes = new ArrayList<>();
  private final Semaphore free = new Semaphore(REQUESTS);
  private final Deadlines deadlines;

  /**
   * Takes a port; {@link #start} begins to answer.
   *
   * @param port 0 for any that is free
   * @param threads answer requests, which may wait; null for virtual threads
   * @param failed hears of failures of handlers that are no sentences for the user
   * @throws PortException if the port cannot be used
   */
  public LocalServer(int port, Policy policy, ExecutorService threads, Consumer<Throwable> failed) {
    this.policy = policy;
    this.failed = failed;
    try {
      // The address by number: a name could be resolved to another.
      byte[] loopback = {127, 0, 0, 1};
      InetAddress address = InetAddress.getByAddress(loopback);
      server = HttpServer.create(new InetSocketAddress(address, port), 0);
    } catch (IOException e) {
      throw new PortException(
          "port "
              + port
              + " of this machine cannot be used ("
              + e.getMessage()
              + "); choose another with "
              + policy.portOption()
              + ", or leave it out for any that is free.",
          e);
    }
    deadlines = new Deadlines(WRITE_SECONDS);
    this.threads = threads == null ? Deadlines.threads() : threads;
    server.setExecutor(this.threads);
    server.createContext("/", this::answer);
  }

  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /**
   * Adds a route.
   *
   * @param path such as {@code /api/scans/{}/frames/{}}, where a pair of braces stands for a number
   */
  public LocalServer route(String method, String path, Handler handler) {
    String pattern = Pattern.quote(path).replace("{}", "\\E(\\d{1,9})\\Q");
    routes.add(new Route(method, Pattern.compile(pattern), handler));
    return this;
  }

  /** Adds routes to resources beside a class; {@code index.html} is at {@code /}. */
  public LocalServer assets(Class<?> beside, List<String> names) {
    for (Map.Entry<String, Reply> asset : Assets.read(beside, names).entrySet()) {
      route("GET", asset.getKey(), request -> asset.getValue());
    }
    return this;
  }

  /** Begins to answer. */
  public void start() {
    server.start();
  }

  /** The port. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Where the page is. */
  public String url() {
    return "http://" + HOST + ":" + port() + "/";
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      headers.set("Content-Security-Policy", policy.contentPolicy());
      if (!free.tryAcquire()) {
        headers.set("Retry-After", "1");
        send(exchange, busy().reply());
        return;
      }
      try {
        send(exchange, reply(exchange));
      } finally {
        free.release();
      }
    }
  }

  private static HttpProblem busy() {
    return new HttpProblem(
        503, "More than " + REQUESTS + " requests are being answered.", "Ask again in a second.");
  }

  private Reply reply(HttpExchange exchange) {
    try {
      return routed(exchange);
    } catch (HttpProblem e) {
      return e.reply();
    } catch (DataException | FileFormatException e) {
      return HttpProblem.of(422, e.getMessage()).reply();
    } catch (FileWriteException e) {
      return HttpProblem.of(507, e.getMessage()).reply();
    } catch (RuntimeException | OutOfMemoryError e) {
      failed.accept(e);
      return new HttpProblem(
              500, "The program failed (" + e + ").", "Look at its terminal, and report that.")
          .reply();
    }
  }

  private Reply routed(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    requireOurs(exchange);
    String path = exchange.getRequestURI().getRawPath();
    boolean api = path != null && path.startsWith(API);
    if (policy.token() != null && api) {
      requireToken(headers.getFirst("X-Pclmix-Token"));
    }
    String method = exchange.getRequestMethod();
    Set<String> allowed = new LinkedHashSet<>();
    for (Route route : routes) {
      Matcher match = route.path().matcher(path == null ? "" : path);
      if (match.matches()) {
        allowed.add(route.method());
        // Asking for events has an effect, so that only pages have heads.
        if (route.method().equals(method.equals("HEAD") && !api ? "GET" : method)) {
          int[] numbers = new int[match.groupCount()];
          for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Integer.parseInt(match.group(i + 1));
          }
          return route.handler().answer(new Request(exchange, numbers));
        }
      }
    }
    if (allowed.isEmpty()) {
      throw new HttpProblem(404, "There is nothing at this address.", "Open " + url() + ".");
    }
    if (allowed.contains("GET") && !api) {
      allowed.add("HEAD");
    }
    return new HttpProblem(405, "This address does not take " + method + ".", "")
        .reply()
        .with("Allow", String.join(", ", allowed));
  }

  /** Refuses what another page or another name for this address has caused. */
  private void requireOurs(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    String host = headers.getFirst("Host");
    Set<String> own = Set.of(HOST + ":" + port(), "localhost:" + port());
    if (host == null || !own.contains(host)) {
      throw new HttpProblem(
          421,
          policy.name() + " is at " + url() + " only.",
          "From another machine, reach it by ssh -L PORT:127.0.0.1:PORT with the same PORT on both"
              + " sides, which "
              + policy.portOption()
              + " PORT chooses.");
    }
    String origin = headers.getFirst("Origin");
    String site = headers.getFirst("Sec-Fetch-Site");
    if (origin != null && !origin.equals("http://" + host)
        || site != null
            && !site.equals("same-origin")
            && !site.equals("none")
            && !isFollowed(exchange)) {
      throw new HttpProblem(
          403, "Another page asks for this.", "Open " + url() + " itself instead.");
    }
  }

  /** Whether somebody follows a link to the page, to see it in a tab of its own. */
  private static boolean isFollowed(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    return exchange.getRequestMethod().equals("GET")
        && "/".equals(exchange.getRequestURI().getRawPath())
        && "navigate".equals(headers.getFirst("Sec-Fetch-Mode"))
        && "document".equals(headers.getFirst("Sec-Fetch-Dest"));
  }

  private void requireToken(String given) {
    byte[] expected = policy.token().getBytes(StandardCharsets.UTF_8);
    byte[] found = given == null ? new byte[0] : given.getBytes(StandardCharsets.UTF_8);
    // In a time that does not tell how much of it is right.
    if (!MessageDigest.isEqual(expected, found)) {
      throw new HttpProblem(
          401,
          "This page has not been opened by the address that the program printed.",
          "Open that address, with what follows the #.");
    }
  }

  /** A reader that has gone away makes this fail, which concerns nobody: the server drops it. */
  private void send(HttpExchange exchange, Reply reply) throws IOException {
    reply.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] body = reply.body();
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head || (body != null && body.length == 0)) {
      if (head && body != null) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      }
      deadlines.within(() -> exchange.sendResponseHeaders(reply.status(), -1));
      return;
    }
    deadlines.within(
        () -> exchange.sendResponseHeaders(reply.status(), body == null ? 0 : body.length));
    if (body == null) {
      try (OutputStream out = timed(exchange.getResponseBody())) {
        reply.stream().write(out);
      }
      return;
    }
    try (OutputStream out = timed(exchange.getResponseBody())) {
      for (int from = 0; from < body.length; from += PART) {
        out.write(body, from, Math.min(PART, body.length - from));
      }
    }
  }

  private OutputStream timed(OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        deadlines.within(() -> out.write(bytes, offset, length));
      }

      @Override
      public void flush() throws IOException {
        deadlines.within(out::flush);
      }

      @Override
      public void close() throws IOException {
        deadlines.within(out::close);
      }
    };
  }

  /** Stops; answers under way are broken off. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    deadlines.close();
    try {
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
