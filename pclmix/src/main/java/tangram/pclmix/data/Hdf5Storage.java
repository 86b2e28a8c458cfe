package tangram.pclmix.data;

import io.jhdf.Superblock;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import tangram.nn.data.DataException;

/**
 * The bytes of an HDF5 file as the library asks for them, with an end to its asking. What a file
 * consists of refers to each other by address, and a damaged or hostile file can send the library
 * round in circles, or twice to the next of many places. So it may read a few times what the file
 * holds, and no more. For one thread.
 */
final class Hdf5Storage implements HdfBackingStorage {
  /** What a read counts beside its bytes, so that reads of nothing end too. */
  private static final int READ_COST = 64;

  /** Every byte of structure can become some hundred bytes of objects: there must not be many. */
  private static final long MAX_STRUCTURE = 16 << 20;

  private final Path file;
  private final ByteBuffer bytes;
  private final Superblock superblock;
  private long structureLeft;
  private long dataLeft;

  /**
   * A file in memory.
   *
   * @param file for messages
   */
  Hdf5Storage(Path file, byte[] bytes, Superblock superblock) {
    this.file = file;
    this.bytes = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    this.superblock = superblock;
    // A header is read up to three times, with its parts; the rest once.
    this.structureLeft = Math.min((16 << 10) + 8L * bytes.length, MAX_STRUCTURE);
    this.dataLeft = (16 << 10) + 2L * bytes.length;
  }

  /** For headers, trees and lists. */
  @Override
  public ByteBuffer readBufferFromAddress(long address, int length) {
    structureLeft -= READ_COST + (long) length;
    requireLeft(structureLeft);
    return slice(address + getUserBlockSize(), length);
  }

  /** For data. */
  @Override
  public ByteBuffer map(long address, long length) {
    return mapNoOffset(address + getUserBlockSize(), length);
  }

  @Override
  public ByteBuffer mapNoOffset(long address, long length) {
    dataLeft -= READ_COST + length;
    requireLeft(dataLeft);
    return slice(address, length);
  }

  /** A chunk, of which there are a counted number. */
  ByteBuffer chunk(long address, long length) {
    dataLeft -= length;
    requireLeft(dataLeft);
    return slice(address + getUserBlockSize(), length);
  }

  private void requireLeft(long left) {
    if (left < 0) {
      throw new DataException(
          file
              + ": its parts refer to each other again and again, or are very many; the file is"
              + " damaged, fetch it again, or write it with larger chunks.");
    }
  }

  private ByteBuffer slice(long address, long length) {
    if (address < 0 || length < 0 || address > size() - length) {
      throw new DataException(
          file
              + ": refers to "
              + length
              + " bytes from byte "
              + address
              + " of its "
              + size()
              + "; the file is damaged or cut short, fetch it again.");
    }
    return bytes.slice((int) address, (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public long getUserBlockSize() {
    return superblock.getBaseAddressByte();
  }

  @Override
  public Superblock getSuperblock() {
    return superblock;
  }

  @Override
  public FileChannel getFileChannel() {
    throw new UnsupportedOperationException("an HDF5 file in memory");
  }

  @Override
  public int getSizeOfOffsets() {
    return superblock.getSizeOfOffsets();
  }

  @Override
  public int getSizeOfLengths() {
    return superblock.getSizeOfLengths();
  }

  @Override
  public void close() {}

  @Override
  public long size() {
    return bytes.capacity();
  }

  @Override
  public boolean inMemory() {
    return true;
  }
}
