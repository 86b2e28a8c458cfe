package tangram.web.annotate;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;

/**
 * Slices that were saved and are not yet in their scribble files. A record is on the disk before
 * {@link #append} returns.
 *
 * <p>A record is a head of 16 bytes (mark, length and CRC-32C of the rest, CRC-32C of these 12
 * bytes) and the rest: the scan's file name, frame, slice, length, deflated labels. A record that
 * the end of the file cuts short was never answered and is dropped; anything else that does not
 * check is damage, which is told.
 */
final class Journal implements AutoCloseable {
  static final String NAME = "journal";
  private static final byte[] MAGIC = {'P', 'C', 'L', 'J', 'R', 'N', 'L', '1'};
  private static final int MARK = 0x52454331;
  private static final int HEAD = 16;

  /** No slice is larger. */
  private static final int MAX_LABELS = 1 << 26;

  private static final long MAX_BYTES = 1L << 30;

  /** A saved slice: {@link Scribbles#NONE} where nothing is drawn. */
  record Entry(String file, int frame, int slice, byte[] labels) {}

  /** What is written to, a file but in tests of its failures. */
  interface Medium extends AutoCloseable {
    long size() throws IOException;

    void append(ByteBuffer bytes) throws IOException;

    void force() throws IOException;

    void truncate(long size) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Opens the medium of a path that exists. */
  interface Opener {
    Medium open(Path file) throws IOException;
  }

  private final Path file;
  private final Opener opener;
  private Medium medium;

  /** The end of what is sound, behind which a failed write may have left a part. */
  private long end;

  private Journal(Path file, Opener opener, long end) throws IOException {
    this.file = file;
    this.opener = opener;
    this.end = end;
    medium = opener.open(file);
    if (medium.size() > end) {
      medium.truncate(end);
      medium.force();
    }
  }

  /**
   * Reads a journal without changing it.
   *
   * @return its entries, the earliest first; none where there is no file
   * @throws FileFormatException if it is damaged
   */
  static List<Entry> read(Path file) {
    List<Entry> entries = new ArrayList<>();
    scan(file, entries);
    return entries;
  }

  /** Opens a journal for appending, and makes it where there is none. */
  static Journal open(Path file, Opener opener) {
    long end = scan(file, new ArrayList<>());
    try {
      if (end == 0) {
        AtomicFile.write(file, MAGIC);
        end = MAGIC.length;
      }
      return new Journal(file, opener, end);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** Adds the entries and returns the end of what is sound; 0 where nothing is. */
  private static long scan(Path file, List<Entry> entries) {
    if (!Files.exists(file)) {
      return 0;
    }
    byte[] bytes;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw damaged(file, 0);
      }
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e + "); check its permissions.", e);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    for (int i = 0; i < MAGIC.length; i++) {
      if (i < bytes.length && bytes[i] != MAGIC[i]) {
        throw damaged(file, 0);
      }
    }
    if (bytes.length < MAGIC.length) {
      return 0;
    }
    int at = MAGIC.length;
    while (bytes.length - at >= HEAD && !isBlank(bytes, at)) {
      int length = buffer.getInt(at + 4);
      if (buffer.getInt(at) != MARK || buffer.getInt(at + 12) != crc(bytes, at, 12) || length < 0) {
        throw damaged(file, at);
      }
      if (bytes.length - at - HEAD < length) {
        return at;
      }
      if (buffer.getInt(at + 8) != crc(bytes, at + HEAD, length)) {
        throw damaged(file, at);
      }
      entries.add(decode(file, at, bytes, at + HEAD, length));
      at += HEAD + length;
    }
    return at;
  }

  /** Whether only zeros follow: a file may have grown before its last block was written. */
  private static boolean isBlank(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static FileFormatException damaged(Path file, long at) {
    return new FileFormatException(
        file
            + ": is damaged at byte "
            + at
            + ", so strokes of the last seconds of a session may be lost; move it away to go on"
            + " with the scribbles that are in their files.");
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  private static Entry decode(Path file, int at, byte[] bytes, int from, int length) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, from, length))) {
      String name = in.readUTF();
      int frame = in.readInt();
      int slice = in.readInt();
      int size = in.readInt();
      if (frame < 0 || slice < 0 || size < 0 || size > MAX_LABELS) {
        throw damaged(file, at);
      }
      InputStream inflated = new InflaterInputStream(in);
      byte[] labels = inflated.readNBytes(size);
      if (labels.length != size || inflated.read() >= 0) {
        throw damaged(file, at);
      }
      return new Entry(name, frame, slice, labels);
    } catch (IOException e) {
      throw damaged(file, at);
    }
  }

  private static byte[] encode(Entry entry) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.write(new byte[HEAD]);
      out.writeUTF(entry.file());
      out.writeInt(entry.frame());
      out.writeInt(entry.slice());
      out.writeInt(entry.labels().length);
      try (DeflaterOutputStream deflated = new DeflaterOutputStream(out)) {
        deflated.write(entry.labels());
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    byte[] record = bytes.toByteArray();
    int length = record.length - HEAD;
    ByteBuffer head = ByteBuffer.wrap(record).putInt(MARK).putInt(length);
    head.putInt(crc(record, HEAD, length)).putInt(crc(record, 0, 12));
    return record;
  }

  /**
   * Adds an entry, which is on the disk when this returns.
   *
   * @throws FileWriteException if it cannot be written; the journal is as before then
   */
  void append(Entry entry) {
    byte[] record = encode(entry);
    try {
      if (medium.size() != end) {
        // What a failure has left.
        medium.truncate(end);
      }
      medium.append(ByteBuffer.wrap(record));
      medium.force();
      end += record.length;
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** Leaves only some entries, as all others are in their files. */
  void keep(List<Entry> entries) {
    try {
      if (entries.isEmpty()) {
        medium.truncate(MAGIC.length);
        medium.force();
        end = MAGIC.length;
        return;
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(MAGIC);
      for (Entry entry : entries) {
        bytes.write(encode(entry));
      }
      AtomicFile.write(file, bytes.toByteArray());
      medium.close();
      medium = opener.open(file);
      end = bytes.size();
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static FileWriteException unwritable(Path file, IOException e) {
    return new FileWriteException(
        file
            + ": cannot be written ("
            + e.getMessage()
            + "); free some space there, the page tries again by itself.",
        e);
  }

  @Override
  public void close() {
    try {
      medium.close();
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }
}
