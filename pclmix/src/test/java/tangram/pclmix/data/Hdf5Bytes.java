package tangram.pclmix.data;

import io.jhdf.checksum.ChecksumUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of an HDF5 file, to be damaged with care. Source of the places of fields: <a
 * href="https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html">HDF5 File Format
 * Specification 3.0</a>.
 */
final class Hdf5Bytes {
  /** Files of one slice that h5py wrote, one for every way of storage that is read. */
  static final List<String> STORED =
      List.of(
          "contiguous-old",
          "contiguous-new",
          "chunked-old",
          "one-chunk-old",
          "unfiltered-old",
          "checksum-old",
          "growing-old",
          "user-block",
          "compact-old",
          "one-chunk-new",
          "fixed-array-new",
          "unfiltered-new",
          "growing-new",
          "growing-twice-new",
          "implicit-new",
          "growing-second-new",
          "growing-limited-new",
          "not-packed-new",
          "committed-type",
          "shrunk-new",
          "grown-old",
          "v114",
          "v200");

  private static final int SIZE_OF_CHECKSUM = 4;

  private ByteBuffer bytes;

  Hdf5Bytes(byte[] bytes) {
    set(bytes.clone());
  }

  /** A file that tools/hdf5/files.py wrote. */
  static Hdf5Bytes of(String name) throws IOException {
    try (InputStream in = Hdf5Bytes.class.getResourceAsStream("hdf5/" + name)) {
      return new Hdf5Bytes(in.readAllBytes());
    }
  }

  byte[] array() {
    return bytes.array();
  }

  ByteBuffer buffer() {
    return bytes;
  }

  int length() {
    return bytes.capacity();
  }

  /** Where a signature comes first. */
  int find(String signature) {
    return all(signature).get(0);
  }

  /** The places of a signature, in order. */
  List<Integer> all(String signature) {
    List<Integer> places = new ArrayList<>();
    for (int at = next(signature, 0); at >= 0; at = next(signature, at + 1)) {
      places.add(at);
    }
    return places;
  }

  /** The n-th node of a tree, version 1, of chunks. */
  int chunkTree(int n) {
    return all("TREE").stream().filter(at -> bytes.get(at + 4) == 1).skip(n).findFirst().get();
  }

  /** Appends a block, on a multiple of eight bytes; returns its address. */
  int append(byte[] block) {
    int at = (length() + 7) & -8;
    byte[] longer = Arrays.copyOf(array(), at + block.length);
    System.arraycopy(block, 0, longer, at, block.length);
    set(longer);
    return at;
  }

  /** Makes the superblock tell the length that the file has. */
  Hdf5Bytes withItsLength() {
    bytes.putLong(isOld() ? 40 : 28, length());
    return this;
  }

  /** Makes the checksums of the blocks that have one of known place right. */
  Hdf5Bytes withChecksums() {
    if (!isOld() && length() >= 48) {
      renew(0, 44);
    }
    all("OHDR").forEach(this::renewObjectHeader);
    all("FAHD").forEach(at -> renew(at, 24));
    all("EAHD").forEach(at -> renew(at, 68));
    all("BTHD").forEach(at -> renew(at, 34));
    return this;
  }

  private void renewObjectHeader(int at) {
    if (at + 40 > length()) {
      return;
    }
    int flags = bytes.get(at + 5);
    int size = 6 + ((flags & 32) != 0 ? 16 : 0) + ((flags & 16) != 0 ? 4 : 0);
    switch (flags & 3) {
      case 0:
        renew(at, size + 1 + (bytes.get(at + size) & 0xFF));
        break;
      case 1:
        renew(at, size + 2 + (bytes.getShort(at + size) & 0xFFFF));
        break;
      case 2:
        renew(at, size + 4L + bytes.getInt(at + size));
        break;
      default:
        renew(at, size + 8 + bytes.getLong(at + size));
    }
  }

  private void renew(int from, long size) {
    if (size > 0 && size <= length() - SIZE_OF_CHECKSUM - from) {
      int end = from + (int) size;
      bytes.putInt(end, ChecksumUtils.checksum(Arrays.copyOfRange(array(), from, end)));
    }
  }

  private boolean isOld() {
    return bytes.get(8) < 2;
  }

  private int next(String signature, int from) {
    byte[] wanted = signature.getBytes(StandardCharsets.US_ASCII);
    for (int at = from; at + wanted.length <= length(); at++) {
      if (Arrays.equals(array(), at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return -1;
  }

  private void set(byte[] contents) {
    bytes = ByteBuffer.wrap(contents).order(ByteOrder.LITTLE_ENDIAN);
  }
}
