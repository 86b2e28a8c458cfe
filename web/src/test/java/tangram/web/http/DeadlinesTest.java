package tangram.web.http;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DeadlinesTest {
  @Test
  @Timeout(30)
  void whoeverDoesNotReadIsLeft() throws IOException {
    try (ServerSocketChannel server =
            ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        SocketChannel silent = SocketChannel.open(server.getLocalAddress());
        SocketChannel writer = server.accept();
        Deadlines deadlines = new Deadlines(1)) {
      ByteBuffer much = ByteBuffer.allocate(1 << 26);
      assertThrows(
          ClosedByInterruptException.class, () -> deadlines.within(() -> writer.write(much)));
      assertTrue(Thread.interrupted() && silent.isOpen());
    }
  }
}
