package tangram.spark;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tangram.nn.training.ExchangeException;
import tangram.nn.training.GradientExchange;
import tangram.nn.training.TreeSum;

/**
 * Sums over plain sockets, one between any two workers. Each worker owns an equal part of the
 * vector: it is sent that part by all others, sums it in a {@link TreeSum} over the ranks, and
 * sends the sum to all. So a worker sends and receives 2 (W - 1) / W times the vector, as in a
 * ring, but the order of a sum does not follow its place.
 *
 * <p>Workers prove to each other that they know a token, by keyed hashes of random numbers, before
 * anything else is read. What they send is not encrypted.
 */
final class SocketExchange implements GradientExchange {
  private static final String MAC = "HmacSHA256";
  private static final int NONCE = 32;

  /** How often a wait looks whether it is still wanted. */
  private static final int POLL_MILLIS = 1000;

  /** A stranger has so long to prove that it is none. */
  private static final int HANDSHAKE_MILLIS = 10_000;

  private final int rank;
  private final List<InetSocketAddress> addresses;
  private final byte[] token;
  private final long timeoutNanos;
  private final BooleanSupplier cancelled;
  private final Peer[] peers;
  private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
  private int sums;

  private final class Peer {
    private final int number;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private byte[] received = new byte[0];
    private byte[] sent = new byte[0];

    Peer(int number, Socket socket) throws IOException {
      this.number = number;
      this.socket = socket;
      this.in = socket.getInputStream();
      this.out = socket.getOutputStream();
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(POLL_MILLIS);
    }

    /** Sends a part of a vector, after the number of the sum and the part's length. */
    void send(float[] values, int from, int to) throws IOException {
      int length = 2 * Integer.BYTES + (to - from) * Float.BYTES;
      if (sent.length != length) {
        sent = new byte[length];
      }
      ByteBuffer bytes = ByteBuffer.wrap(sent);
      bytes.putInt(sums).putInt(to - from).asFloatBuffer().put(values, from, to - from);
      out.write(sent);
    }

    void receive(float[] values, int from, int to) throws IOException {
      int length = 2 * Integer.BYTES + (to - from) * Float.BYTES;
      if (received.length != length) {
        received = new byte[length];
      }
      read(received, 0, 2 * Integer.BYTES);
      ByteBuffer bytes = ByteBuffer.wrap(received);
      int sum = bytes.getInt();
      int count = bytes.getInt();
      if (sum != sums || count != to - from) {
        throw new IOException(
            "it sends %d numbers of sum %d, not %d of sum %d"
                .formatted(count, sum, to - from, sums));
      }
      read(received, 2 * Integer.BYTES, length);
      bytes.asFloatBuffer().get(values, from, to - from);
    }

    private void read(byte[] into, int from, int to) throws IOException {
      long end = System.nanoTime() + timeoutNanos;
      int at = from;
      while (at < to) {
        try {
          int count = in.read(into, at, to - at);
          if (count < 0) {
            throw new IOException("it ended");
          }
          at += count;
        } catch (SocketTimeoutException e) {
          if (cancelled.getAsBoolean()) {
            throw new IOException("this worker was cancelled", e);
          }
          if (System.nanoTime() - end > 0) {
            throw new IOException("it says nothing", e);
          }
        }
      }
    }
  }

  /**
   * Connects to all other workers, which do the same.
   *
   * @param addresses where the workers listen, by rank
   * @param server listens at this worker's; closed by whoever made it
   * @param token that all workers know and nobody else
   * @param timeout for connections, and for every answer
   * @param cancelled tells that nobody wants the result any more
   * @throws ExchangeException if one cannot be reached
   */
  SocketExchange(
      int rank,
      List<InetSocketAddress> addresses,
      ServerSocket server,
      byte[] token,
      Duration timeout,
      BooleanSupplier cancelled) {
    this.rank = rank;
    this.addresses = List.copyOf(addresses);
    this.token = token.clone();
    this.timeoutNanos = timeout.toNanos();
    this.cancelled = cancelled;
    this.peers = new Peer[addresses.size()];
    long end = System.nanoTime() + timeoutNanos;
    try {
      // Each calls those before it, whose sockets listen already, and is called by those after it.
      for (int i = 0; i < rank; i++) {
        peers[i] = call(i);
      }
      for (int missing = addresses.size() - 1 - rank; missing > 0; ) {
        Peer peer = accept(server, end);
        if (peer != null) {
          peers[peer.number] = peer;
          missing--;
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Peer call(int number) {
    Socket socket = new Socket();
    try {
      socket.connect(addresses.get(number), HANDSHAKE_MILLIS);
      socket.setSoTimeout(HANDSHAKE_MILLIS);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] theirs = in.readNBytes(NONCE);
      byte[] own = nonce();
      out.writeInt(rank);
      out.write(own);
      out.write(proof(theirs, rank));
      out.flush();
      byte[] answer = in.readNBytes(NONCE);
      if (!MessageDigest.isEqual(answer, proof(own, number))) {
        throw new IOException("it does not know the token");
      }
      return new Peer(number, socket);
    } catch (IOException e) {
      throw failed(number, e, socket);
    }
  }

  /** The next worker that calls; null if nobody did for a while, or a stranger. */
  private Peer accept(ServerSocket server, long end) {
    Socket socket;
    try {
      server.setSoTimeout(POLL_MILLIS);
      socket = server.accept();
    } catch (SocketTimeoutException e) {
      if (cancelled.getAsBoolean() || System.nanoTime() - end > 0) {
        throw new ExchangeException(
            "Another worker did not call in time; look at its messages.", e);
      }
      return null;
    } catch (IOException e) {
      throw new ExchangeException("No worker can be heard: " + e.getMessage() + ".", e);
    }
    try {
      socket.setSoTimeout(HANDSHAKE_MILLIS);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] own = nonce();
      out.write(own);
      out.flush();
      int number = in.readInt();
      byte[] theirs = in.readNBytes(NONCE);
      byte[] answer = in.readNBytes(NONCE);
      if (number > rank
          && number < peers.length
          && peers[number] == null
          && MessageDigest.isEqual(answer, proof(own, number))) {
        out.write(proof(theirs, rank));
        out.flush();
        return new Peer(number, socket);
      }
    } catch (IOException e) {
      // Whoever called is none of the workers, or calls again.
      close(socket);
      return null;
    }
    close(socket);
    return null;
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[NONCE];
    new SecureRandom().nextBytes(nonce);
    return nonce;
  }

  /** What only a worker of this number that knows the token can say to a random number. */
  private byte[] proof(byte[] nonce, int number) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(token, MAC));
      mac.update(nonce);
      return mac.doFinal(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + MAC, e);
    }
  }

  @Override
  public int workers() {
    return peers.length;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public void sum(float[] values) {
    sums++;
    int from = bound(values, rank);
    int to = bound(values, rank + 1);
    // Everybody's part of mine; mine of the others go out meanwhile.
    float[][] parts = new float[peers.length][];
    toAll(
        peer -> peer.send(values, bound(values, peer.number), bound(values, peer.number + 1)),
        peer -> {
          parts[peer.number] = new float[to - from];
          peer.receive(parts[peer.number], 0, to - from);
        });
    parts[rank] = Arrays.copyOfRange(values, from, to);
    TreeSum sum = new TreeSum();
    Arrays.stream(parts).forEach(sum::add);
    System.arraycopy(sum.total(), 0, values, from, to - from);
    toAll(
        peer -> peer.send(values, from, to),
        peer -> peer.receive(values, bound(values, peer.number), bound(values, peer.number + 1)));
  }

  /** Where a worker's part begins. */
  private int bound(float[] values, int number) {
    return (int) ((long) values.length * number / peers.length);
  }

  private interface Talk {
    void with(Peer peer) throws IOException;
  }

  /** Sends to all and receives from all at the same time, so that nobody waits for anybody's. */
  private void toAll(Talk send, Talk receive) {
    List<Future<?>> sending = new ArrayList<>();
    for (Peer peer : peers) {
      if (peer != null) {
        sending.add(
            senders.submit(
                () -> {
                  send.with(peer);
                  return null;
                }));
      }
    }
    for (Peer peer : peers) {
      if (peer != null) {
        try {
          receive.with(peer);
        } catch (IOException e) {
          throw failed(peer.number, e, peer.socket);
        }
      }
    }
    int i = 0;
    for (Peer peer : peers) {
      if (peer != null) {
        try {
          sending.get(i++).get(timeoutNanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
          throw failed(peer.number, e, peer.socket);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw failed(peer.number, e, peer.socket);
        }
      }
    }
  }

  private ExchangeException failed(int number, Exception e, Socket socket) {
    close(socket);
    return new ExchangeException(
        "Worker "
            + number
            + " at "
            + addresses.get(number)
            + " ended or does not answer ("
            + Failure.sentence(e)
            + ").",
        e);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new ExchangeException("A connection cannot be closed: " + e.getMessage() + ".", e);
    }
  }

  @Override
  public void close() {
    senders.shutdownNow();
    for (Peer peer : peers) {
      if (peer != null) {
        close(peer.socket);
      }
    }
  }
}
