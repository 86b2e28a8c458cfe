package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jhdf.checksum.ChecksumUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.fuzz.Allocations;
import tangram.nn.data.DataException;

/** HDF5 files made to exhaust time or memory: refused soon, and without taking much. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class Hdf5HostileTest {
  @TempDir Path folder;

  /** A chunk of 120 numbers whose two megabytes unpack to two gigabytes. */
  @Test
  void chunkThatUnpacksToGigabytes() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("one-chunk-old.h5");
    byte[] bomb = zeros(1L << 31);
    int at = file.append(bomb);
    int tree = file.chunkTree(0);
    file.buffer().putInt(tree + 24, bomb.length).putLong(tree + 56, at);
    refused(file.withItsLength(), "'image' has a chunk at [0, 0] that", 16L * bomb.length);
  }

  /** Forty levels, each of whose nodes names the next one twice. */
  @Test
  void treeOfChunksThatDoublesAtEveryLevel() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("chunked-old.h5");
    int original = file.length();
    long leaf = file.chunkTree(0);
    long child = leaf;
    for (int level = 1; level <= 40; level++) {
      ByteBuffer node = block(24 + 3 * 32 + 2 * 8);
      node.put("TREE".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) level);
      node.putShort((short) 2).putLong(-1).putLong(-1);
      node.position(24 + 32).putLong(child).position(24 + 32 + 8 + 32).putLong(child);
      child = file.append(node.array());
    }
    point(file, leaf, child, original);
    refused(file.withItsLength(), "refer to each other", 4 << 20);
  }

  /** The same for the tree of a group's members. */
  @Test
  void treeOfMembersThatDoublesAtEveryLevel() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("contiguous-old.h5");
    int original = file.length();
    long leaf = file.find("TREE");
    long child = leaf;
    for (int level = 1; level <= 40; level++) {
      // The library reads more of a node than there is.
      ByteBuffer node = block(24 + 9 * 8);
      node.put("TREE".getBytes(StandardCharsets.US_ASCII)).put((byte) 0).put((byte) level);
      node.putShort((short) 2).putLong(-1).putLong(-1);
      node.putLong(0).putLong(child).putLong(0).putLong(child);
      child = file.append(node.array());
    }
    point(file, leaf, child, original);
    refused(file.withItsLength(), "refer to each other", 4 << 20);
  }

  /** Thousands of times the same thousands of members. */
  @Test
  void membersNamedThousandsOfTimes() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("contiguous-old.h5");
    int original = file.length();
    int symbols = file.find("SNOD");
    int entries = 30_000;
    ByteBuffer node = block(8 + 40 * entries);
    node.put("SNOD".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) 0);
    node.putShort((short) entries);
    for (int i = 0; i < entries; i++) {
      node.put(file.array(), symbols + 8, 40);
    }
    int at = file.append(node.array());
    long tree = file.find("TREE");
    int children = 60_000;
    ByteBuffer leaf = block(24 + 8 * (2 * children + 1) + 8 * 2 * children);
    leaf.put("TREE".getBytes(StandardCharsets.US_ASCII)).putShort((short) 0);
    leaf.putShort((short) children).putLong(-1).putLong(-1);
    for (int i = 0; i < children; i++) {
      leaf.putLong(0).putLong(at);
    }
    point(file, tree, file.append(leaf.array()), original);
    refused(file.withItsLength(), "", 256L << 20);
  }

  /** Forty parts of an object's header, each of which continues twice in the next. */
  @Test
  void headerThatDoublesWithEveryContinuation() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("contiguous-new.h5");
    int length = 4 + 2 * 20 + 4;
    ByteBuffer last = block(length).put("OCHK".getBytes(StandardCharsets.US_ASCII));
    long next = file.append(withChecksum(last));
    for (int i = 0; i < 40; i++) {
      ByteBuffer part = block(length).put("OCHK".getBytes(StandardCharsets.US_ASCII));
      continuation(continuation(part, next, length), next, length);
      next = file.append(withChecksum(part));
    }
    ByteBuffer header = block(6 + 4 + 24 + 4 + 2).put("OHDR".getBytes(StandardCharsets.US_ASCII));
    header.put((byte) 2).put((byte) 2).putInt(24);
    long root = file.append(continuation(header, next, length).array());
    file.buffer().putLong(36, root);
    refused(file.withItsLength().withChecksums(), "refer to each other", 4 << 20);
  }

  private static byte[] withChecksum(ByteBuffer part) {
    int end = part.capacity() - Integer.BYTES;
    return part.putInt(end, ChecksumUtils.checksum(Arrays.copyOf(part.array(), end))).array();
  }

  private static ByteBuffer continuation(ByteBuffer part, long address, long length) {
    return part.put((byte) 16).putShort((short) 16).put((byte) 0).putLong(address).putLong(length);
  }

  @Test
  void listOfChunksOfAbsurdLength() throws IOException {
    Hdf5Bytes fixed = Hdf5Bytes.of("fixed-array-new.h5");
    fixed.buffer().putLong(fixed.find("FAHD") + 8, Integer.MAX_VALUE - 8);
    refused(fixed.withChecksums(), "lists 2147483639 chunks", 4 << 20);
    Hdf5Bytes growing = Hdf5Bytes.of("growing-new.h5");
    growing.buffer().putLong(growing.find("EAHD") + 44, Integer.MAX_VALUE - 8);
    // Read without memory for all of them: the file holds those that the dataset has.
    Path file = Files.write(folder.resolve("growing.h5"), growing.withChecksums().array());
    long before = Allocations.ofAllThreads();
    assertEquals(120, Hdf5Reader.readSlice(file, Labels.HEART, true).image().length);
    assertTrue(Allocations.ofAllThreads() - before < 4 << 20);
    Hdf5Bytes twice = Hdf5Bytes.of("growing-twice-new.h5");
    twice.buffer().putLong(twice.find("BTHD") + 26, Integer.MAX_VALUE - 8);
    refused(twice.withChecksums(), "lists 2147483639 chunks", 4 << 20);
  }

  /** Three million chunks of one number, of which nothing is there. */
  @Test
  void millionsOfChunks() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("implicit-new.h5");
    ByteBuffer bytes = file.buffer();
    for (int at = 0; at + 16 <= file.length(); at++) {
      if (bytes.getLong(at) == 12 && bytes.getLong(at + 8) == 10) {
        bytes.putLong(at, 900).putLong(at + 8, 900);
      }
      // Chunk sides 5 and 4, a byte each, before the bytes of a number.
      if (bytes.get(at) == 5 && bytes.get(at + 1) == 4) {
        bytes.put(at, (byte) 1).put(at + 1, (byte) 1);
      }
    }
    refused(file.withChecksums(), "'image' stores", 4 << 20);
  }

  /** More of a file than there is, in chunks that lie on each other. */
  @Test
  void chunksThatOverlap() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("chunked-old.h5");
    int tree = file.chunkTree(0);
    int chunks = file.buffer().getShort(tree + 6);
    for (int i = 0; i < chunks; i++) {
      file.buffer().putInt(tree + 24 + 40 * i, file.length() / 2).putLong(tree + 56 + 40 * i, 96);
    }
    refused(file, "'image' stores", 4 << 20);
  }

  /** Eleven kilobytes that could unpack to such a size, if the chunks were not a tenth of them. */
  @Test
  void moreThanItsChunksCanUnpackTo() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("one-chunk-old.h5");
    ByteBuffer bytes = file.buffer();
    for (int at = 0; at + 16 <= file.length(); at++) {
      if (bytes.getLong(at) == 12 && bytes.getLong(at + 8) == 10) {
        bytes.putLong(at, 1500).putLong(at + 8, 1500);
      }
      // The chunk's sides.
      if (bytes.getInt(at) == 12 && bytes.getInt(at + 4) == 10) {
        bytes.putInt(at, 1500).putInt(at + 4, 1500);
      }
    }
    refused(file, "'image' declares 1500x1500 elements", 1 << 20);
  }

  /** As a dataset of which a part was never written: the fill value is there. */
  @Test
  void missingChunk() throws IOException {
    Hdf5Bytes bytes = Hdf5Bytes.of("chunked-old.h5");
    int tree = bytes.chunkTree(0);
    short chunks = bytes.buffer().getShort(tree + 6);
    bytes.buffer().putShort(tree + 6, (short) (chunks - 1));
    Path file = Files.write(folder.resolve("missing.h5"), bytes.array());
    float[] image = Hdf5Reader.readSlice(file, Labels.HEART, true).image();
    assertEquals(0, image[119]);
    assertEquals(1, image[117]);
  }

  /** One bit of a pixel, in a file that has a checksum of its pixels. */
  @Test
  void chunkWithAnotherChecksum() throws IOException {
    Hdf5Bytes file = Hdf5Bytes.of("checksum-old.h5");
    int at = (int) file.buffer().getLong(file.chunkTree(0) + 56);
    file.array()[at + 100] ^= 1;
    refused(file, "'image' has a chunk at [0, 0] that does not match its checksum", 4 << 20);
  }

  @Test
  void storageThatIsNotRead() throws IOException {
    refused(
        Hdf5Bytes.of("refused/lzf.h5"), "'image' is packed by 'lzf', which is not read", 4 << 20);
    refused(Hdf5Bytes.of("refused/dense-links.h5"), "more than eight members", 4 << 20);
    Path file = folder.resolve("volume.h5");
    Files.write(file, Hdf5Bytes.of("refused/dense-attributes.h5").array());
    DataException e =
        assertThrows(DataException.class, () -> Hdf5Reader.readVolume(file, Labels.HEART, true));
    assertTrue(
        e.getMessage().startsWith(file + ": 'image' has more than eight attributes"),
        e.getMessage());
  }

  @Test
  void deviceWithoutEnd() {
    Path zero = Path.of("/dev/zero");
    assumeTrue(Files.exists(zero), "needs /dev/zero");
    DataException e =
        assertThrows(DataException.class, () -> Hdf5Reader.readSlice(zero, Labels.HEART, true));
    assertTrue(e.getMessage().contains("not a regular file"), e.getMessage());
  }

  private void refused(Hdf5Bytes bytes, String what, long allowed) throws IOException {
    Path file = Files.write(folder.resolve("hostile.h5"), bytes.array());
    long before = Allocations.ofAllThreads();
    DataException e =
        assertThrows(DataException.class, () -> Hdf5Reader.readSlice(file, Labels.HEART, true));
    long allocated = Allocations.ofAllThreads() - before;
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(what), e.getMessage());
    assertTrue(allocated < allowed + (1 << 20), "allocated " + allocated);
  }

  /** Makes what refers to one block refer to another, except what was appended to the file. */
  private static void point(Hdf5Bytes file, long from, long to, int original) {
    for (int at = 0; at + 8 <= original; at++) {
      if (file.buffer().getLong(at) == from) {
        file.buffer().putLong(at, to);
      }
    }
  }

  private static ByteBuffer block(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A zlib stream of zeros, made of one piece many times. */
  private static byte[] zeros(long count) {
    Deflater deflater = new Deflater(9);
    byte[] part = new byte[1 << 20];
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    deflater.setInput(new byte[1]);
    out.write(part, 0, deflater.deflate(part, 0, part.length, Deflater.FULL_FLUSH));
    deflater.setInput(new byte[1 << 24]);
    int length = deflater.deflate(part, 0, part.length, Deflater.FULL_FLUSH);
    for (long done = 0; done < count; done += 1 << 24) {
      out.write(part, 0, length);
    }
    deflater.end();
    return out.toByteArray();
  }
}
