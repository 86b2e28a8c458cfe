package tangram.web.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events (WHATWG HTML, 9.2) to pages that listen. Events are hints, which may be lost:
 * a listener asks for the whole state when it begins.
 */
public final class Events {
  private static final int COMMENT_SECONDS = 10;

  /** A listener that is so far behind has better start anew. */
  private static final int MOST_WAITING = 4096;

  private static final String END = "";

  /** The longest that the last event may take to be sent. */
  private static final long END_NANOS = 2_000_000_000L;

  private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();

  /** No listeners yet. */
  public Events() {}

  /** A page that listens. */
  public final class Listener {
    private final BlockingQueue<String> waiting = new LinkedBlockingQueue<>(MOST_WAITING);

    private Listener() {}

    private void offer(String text) {
      if (!waiting.offer(text)) {
        waiting.clear();
        waiting.add(END);
      }
    }

    /** Sends an event to this page alone, and ends its stream. */
    public void end(String name, ObjectNode data) {
      offer(text(name, data));
      offer(END);
    }

    /**
     * The answer, which lasts until the page goes away or the stream is ended.
     *
     * @param gone is run then
     */
    public Reply reply(Runnable gone) {
      return Reply.stream(
          "text/event-stream",
          out -> {
            try {
              write(out);
            } finally {
              remove(this);
              gone.run();
            }
          });
    }

    private void write(OutputStream out) throws IOException {
      send(out, ": hello\n\n");
      try {
        while (true) {
          String text = waiting.poll(COMMENT_SECONDS, TimeUnit.SECONDS);
          if (END.equals(text)) {
            return;
          }
          send(out, text == null ? ": still here\n\n" : text);
        }
      } catch (InterruptedException e) {
        // The server ends.
        Thread.currentThread().interrupt();
      }
    }

    private void send(OutputStream out, String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
  }

  /** A new listener, of which {@link Listener#reply} must be answered. */
  public Listener listen() {
    Listener listener = new Listener();
    listeners.add(listener);
    return listener;
  }

  /** Sends an event to all who listen. Returns at once. */
  public void publish(String name, ObjectNode data) {
    String text = text(name, data);
    listeners.forEach(listener -> listener.offer(text));
  }

  private synchronized void remove(Listener listener) {
    listeners.remove(listener);
    notifyAll();
  }

  /**
   * Sends a last event to all who listen, and waits until it is sent, two seconds at most: the
   * server may close their connections then.
   */
  public synchronized void end(String name, ObjectNode data) {
    listeners.forEach(listener -> listener.end(name, data));
    long end = System.nanoTime() + END_NANOS;
    try {
      for (long left = END_NANOS; left > 0 && !listeners.isEmpty(); ) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = end - System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String text(String name, ObjectNode data) {
    return "event: "
        + name
        + "\ndata: "
        + new String(Json.bytes(data), StandardCharsets.UTF_8)
        + "\n\n";
  }
}
