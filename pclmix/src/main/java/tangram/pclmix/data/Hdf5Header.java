package tangram.pclmix.data;

import io.jhdf.checksum.ChecksumUtils;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.message.Message;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The header of an object of an HDF5 file: a list of messages, each of which says one thing of the
 * object. The messages are taken apart here and read one by one, most by the library, since it
 * refuses a whole object for one message that it does not know. Source: HDF5 File Format
 * Specification 3.0, "Data Object Headers".
 */
final class Hdf5Header {
  static final int DATA_SPACE = 1;
  static final int DATA_TYPE = 3;
  static final int OLD_FILL_VALUE = 4;
  static final int FILL_VALUE = 5;
  static final int EXTERNAL_FILES = 7;
  static final int DATA_LAYOUT = 8;
  static final int FILTERS = 11;
  static final int ATTRIBUTE = 12;

  private static final int CONTINUATION = 16;

  private static final int SHARED = 1 << 1;
  private static final int FAIL_IF_UNKNOWN = 1 << 7;

  /** The highest type of a message that the specification knows. */
  private static final int LAST_TYPE = 0x17;

  private static final int CHECKSUM_BYTES = 4;
  private static final byte[] FIRST = {'O', 'H', 'D', 'R'};
  private static final byte[] NEXT = {'O', 'C', 'H', 'K'};

  /** Of a message that lies elsewhere: in the header of another object. */
  private static final int IN_OTHER_OBJECT = 2;

  /** The version of descriptions of types in files of HDF5 1.12 and later: numbers as in 3. */
  private static final int NEW_TYPE_VERSION = 4;

  private record Raw(int type, int flags, ByteBuffer body) {}

  private record Block(long address, long length) {}

  private final Hdf5Storage storage;
  private final List<Raw> messages = new ArrayList<>();

  /** Reads the header at an address. */
  Hdf5Header(Hdf5Storage storage, long address) {
    this.storage = storage;
    if (storage.readBufferFromAddress(address, 1).get() == 1) {
      readOld(address);
    } else {
      readNew(address);
    }
  }

  private void readOld(long address) {
    ByteBuffer start = storage.readBufferFromAddress(address, 12);
    int count = start.getShort(2) & 0xFFFF;
    Deque<Block> blocks = new ArrayDeque<>();
    blocks.add(new Block(address + 16, start.getInt(8) & 0xFFFFFFFFL));
    while (!blocks.isEmpty()) {
      ByteBuffer block = read(blocks.remove());
      while (block.remaining() >= 8 && messages.size() < count) {
        int type = block.getShort() & 0xFFFF;
        int length = block.getShort() & 0xFFFF;
        int flags = block.get() & 0xFF;
        block.position(block.position() + 3);
        add(type, flags, part(block, length), blocks);
      }
    }
  }

  private void readNew(long address) {
    ByteBuffer start = storage.readBufferFromAddress(address, 6);
    requireSignature(start, FIRST);
    int version = start.get(4);
    if (version != 2) {
      throw new IllegalArgumentException("an object header of version " + version);
    }
    int flags = start.get(5);
    int at = 6 + ((flags & 32) != 0 ? 16 : 0) + ((flags & 16) != 0 ? 4 : 0);
    int width = 1 << (flags & 3);
    long length = unsigned(storage.readBufferFromAddress(address + at, width), width);
    boolean ordered = (flags & 4) != 0;
    Deque<Block> blocks = new ArrayDeque<>();
    requireChecksum(new Block(address, at + width + length + CHECKSUM_BYTES));
    readBlock(read(new Block(address + at + width, length)), ordered, blocks);
    while (!blocks.isEmpty()) {
      Block next = blocks.remove();
      ByteBuffer block = requireChecksum(next);
      requireSignature(block, NEXT);
      block.position(NEXT.length).limit(block.limit() - CHECKSUM_BYTES);
      readBlock(block, ordered, blocks);
    }
  }

  private void readBlock(ByteBuffer block, boolean ordered, Deque<Block> blocks) {
    int head = ordered ? 6 : 4;
    // A gap too small for a message may be left at the end.
    while (block.remaining() >= head) {
      int type = block.get() & 0xFF;
      int length = block.getShort() & 0xFFFF;
      int flags = block.get() & 0xFF;
      if (ordered) {
        block.getShort();
      }
      add(type, flags, part(block, length), blocks);
    }
  }

  private void add(int type, int flags, ByteBuffer body, Deque<Block> blocks) {
    if (type == CONTINUATION) {
      long address = unsigned(body, storage.getSizeOfOffsets());
      blocks.add(new Block(address, unsigned(body, storage.getSizeOfLengths())));
    }
    if (type > LAST_TYPE && (flags & FAIL_IF_UNKNOWN) != 0) {
      throw new IllegalArgumentException("a message of type " + type);
    }
    messages.add(new Raw(type, flags, body));
  }

  private ByteBuffer read(Block block) {
    return storage.readBufferFromAddress(
        block.address(), (int) Math.min(block.length(), Integer.MAX_VALUE));
  }

  private ByteBuffer requireChecksum(Block block) {
    ByteBuffer bytes = read(block);
    requireChecksum(bytes);
    return bytes;
  }

  /** Compares the checksum in the last four bytes of a part of the file. */
  static void requireChecksum(ByteBuffer part) {
    byte[] bytes = new byte[Math.max(0, part.capacity() - CHECKSUM_BYTES)];
    part.get(0, bytes);
    if (part.getInt(bytes.length) != ChecksumUtils.checksum(bytes)) {
      throw new IllegalArgumentException("a part does not match its checksum");
    }
  }

  /** Checks the first bytes of a part of the file. */
  static void requireSignature(ByteBuffer part, byte[] signature) {
    if (!part.slice(0, signature.length).equals(ByteBuffer.wrap(signature))) {
      throw new IllegalArgumentException("a part is not what it should be");
    }
  }

  private static ByteBuffer part(ByteBuffer block, int length) {
    ByteBuffer part = block.slice(block.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    block.position(block.position() + length);
    return part;
  }

  /** The next number of {@code width} bytes, up to eight; all ones is -1, HDF5's "nowhere". */
  static long unsigned(ByteBuffer bytes, int width) {
    long value = 0;
    boolean nowhere = true;
    for (int i = 0; i < width; i++) {
      int next = bytes.get() & 0xFF;
      value |= (long) next << (8 * i);
      nowhere &= next == 0xFF;
    }
    return nowhere && width > Integer.BYTES ? -1 : value;
  }

  /** Whether there is a message of a type. */
  boolean has(int type) {
    return messages.stream().anyMatch(m -> m.type() == type);
  }

  /**
   * What the only message of a type says, from its start.
   *
   * @throws IllegalArgumentException if there is none or several, or it lies in another object
   */
  ByteBuffer body(int type) {
    Raw raw = only(type);
    if ((raw.flags() & SHARED) != 0) {
      throw new IllegalArgumentException("a message of type " + type + " is shared");
    }
    return raw.body().duplicate().order(ByteOrder.LITTLE_ENDIAN).rewind();
  }

  private Raw only(int type) {
    List<Raw> found = messages.stream().filter(m -> m.type() == type).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          found.size() + " messages of type " + type + " where one is needed");
    }
    return found.get(0);
  }

  /** What the messages of a type say, except those that are shared with other objects. */
  List<ByteBuffer> bodies(int type) {
    return messages.stream()
        .filter(m -> m.type() == type && (m.flags() & SHARED) == 0)
        .map(m -> m.body().duplicate().order(ByteOrder.LITTLE_ENDIAN).rewind())
        .toList();
  }

  /** The messages of a type as the library reads them. */
  <T extends Message> List<T> messages(int type, Class<T> as) {
    return bodies(type).stream().map(body -> as.cast(parsed(type, body))).toList();
  }

  /** The only message of a type, as the library reads it. */
  <T extends Message> T message(int type, Class<T> as) {
    return as.cast(parsed(type, body(type)));
  }

  private Message parsed(int type, ByteBuffer body) {
    ByteBuffer message = ByteBuffer.allocate(4 + body.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    message.put((byte) type).putShort((short) body.remaining()).put((byte) 0).put(body);
    return Message.readObjectHeaderV2Message(message.flip(), storage, false);
  }

  /** The type of a dataset's elements, which may be told by an object that only names the type. */
  DataType dataType() {
    Raw raw = only(DATA_TYPE);
    if ((raw.flags() & SHARED) == 0) {
      return dataType(raw.body());
    }
    ByteBuffer reference = raw.body().duplicate().order(ByteOrder.LITTLE_ENDIAN).rewind();
    int version = reference.get();
    if (version < 2 || version > 3 || reference.get() != IN_OTHER_OBJECT) {
      throw new IllegalArgumentException("a type that is shared in an unknown way");
    }
    long address = unsigned(reference, storage.getSizeOfOffsets());
    return dataType(new Hdf5Header(storage, address).body(DATA_TYPE));
  }

  /** The type that some bytes describe. */
  static DataType dataType(ByteBuffer description) {
    ByteBuffer copy = ByteBuffer.allocate(description.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    copy.put(description.duplicate().rewind()).flip();
    for (int at = 0; at < copy.limit(); at = inner(copy, at)) {
      int first = copy.get(at) & 0xFF;
      if (first >> 4 == NEW_TYPE_VERSION) {
        copy.put(at, (byte) (first & 0xF | (NEW_TYPE_VERSION - 1) << 4));
      }
    }
    return DataType.readDataType(copy);
  }

  /** Where the type within a type of named numbers is described, or the end. */
  private static int inner(ByteBuffer type, int at) {
    int named = 8;
    return (type.get(at) & 0xF) == named && at == 0 ? at + 8 : type.limit();
  }
}
