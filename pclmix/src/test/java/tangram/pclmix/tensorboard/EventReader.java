package tangram.pclmix.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads event files byte by byte, with a checksum of its own: a second opinion. */
public final class EventReader {
  private EventReader() {}

  /** What an event holds; null, 0 or empty where it has no such field. */
  public record Event(
      double seconds,
      long step,
      String version,
      long sessionStatus,
      String tag,
      float value,
      byte[] png,
      long width,
      long height) {}

  /** All events; fails where a checksum is wrong or a record cut short. */
  public static List<Event> read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertEquals(masked(length), in.getInt());
      byte[] record =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      in.get(record);
      assertEquals(masked(record), in.getInt());
      events.add(event(record));
    }
    return events;
  }

  /** CRC-32C bit by bit (polynomial 0x1EDC6F41, reflected), then the mask of TFRecord. */
  private static int masked(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82F63B78;
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  private static Event event(byte[] record) {
    Map<Integer, Object> event = fields(record);
    byte[] summary = (byte[]) event.get(5);
    byte[] session = (byte[]) event.get(7);
    Map<Integer, Object> value =
        summary == null ? Map.of() : fields((byte[]) fields(summary).get(1));
    Map<Integer, Object> image = value.containsKey(4) ? fields((byte[]) value.get(4)) : Map.of();
    return new Event(
        Double.longBitsToDouble((long) event.get(1)),
        (long) event.getOrDefault(2, 0L),
        text(event.get(3)),
        session == null ? 0 : (long) fields(session).get(1),
        text(value.get(1)),
        Float.intBitsToFloat((int) value.getOrDefault(2, 0)),
        (byte[]) image.get(4),
        (long) image.getOrDefault(2, 0L),
        (long) image.getOrDefault(1, 0L));
  }

  private static String text(Object bytes) {
    return bytes == null ? null : new String((byte[]) bytes, StandardCharsets.UTF_8);
  }

  /** The fields of a message: Long, Integer (32 bits) or byte[]. */
  private static Map<Integer, Object> fields(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, Object> fields = new HashMap<>();
    while (in.hasRemaining()) {
      long key = varint(in);
      Object value;
      switch ((int) (key & 7)) {
        case 0 -> value = varint(in);
        case 1 -> value = in.getLong();
        case 2 -> {
          byte[] bytes = new byte[(int) varint(in)];
          in.get(bytes);
          value = bytes;
        }
        case 5 -> value = in.getInt();
        default -> throw new AssertionError("wire type of " + key);
      }
      fields.put((int) (key >>> 3), value);
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    int shift = 0;
    byte b;
    do {
      b = in.get();
      value |= (b & 0x7FL) << shift;
      shift += 7;
    } while (b < 0);
    return value;
  }
}
