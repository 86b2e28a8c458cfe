package tangram.web.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Events to listeners that are slow. */
class EventsTest {
  @Test
  void theLastEventIsSentBeforeTheEnd() throws InterruptedException {
    Events events = new Events();
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    OutputStream slow =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
              Thread.sleep(50);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            sent.write(bytes, offset, length);
          }
        };
    Reply reply = events.listen().reply(() -> {});
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    reply.stream().write(slow);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    events.publish("step", Json.object().put("step", 1));
    events.end("bye", Json.object().put("why", "done"));
    assertEquals(
        ": hello\n\nevent: step\ndata: {\"step\":1}\n\nevent: bye\ndata: {\"why\":\"done\"}\n\n",
        sent.toString(StandardCharsets.UTF_8));
    thread.join();
  }
}
