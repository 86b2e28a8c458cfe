package tangram.pclmix.data;

import io.jhdf.Constants;
import io.jhdf.GroupSymbolTableNode;
import io.jhdf.LocalHeap;
import io.jhdf.Superblock;
import io.jhdf.Superblock.SuperblockV0V1;
import io.jhdf.Superblock.SuperblockV2V3;
import io.jhdf.SymbolTableEntry;
import io.jhdf.btree.BTreeV1;
import io.jhdf.object.message.LinkInfoMessage;
import io.jhdf.object.message.LinkMessage;
import io.jhdf.object.message.LinkMessage.LinkType;
import io.jhdf.object.message.SymbolTableMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import tangram.nn.data.DataException;

/**
 * An HDF5 file in memory and the datasets of its root. Of the library it uses what reads single
 * parts of a file, and only the parts that lead to a dataset, through an {@link Hdf5Storage}.
 */
final class Hdf5File {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

  private final Path file;
  private final Hdf5Storage storage;
  private final Hdf5Header root;

  /**
   * Opens a file.
   *
   * @param file for messages
   * @throws DataException if it is cut short
   * @throws RuntimeException of any kind if it is otherwise malformed
   */
  Hdf5File(Path file, byte[] bytes) {
    this.file = file;
    Superblock superblock = superblock(file, bytes);
    storage = new Hdf5Storage(file, bytes, superblock);
    root = new Hdf5Header(storage, rootAddress(superblock));
  }

  /** Where it was read from, for messages. */
  Path path() {
    return file;
  }

  /** Its bytes. */
  Hdf5Storage storage() {
    return storage;
  }

  private static Superblock superblock(Path file, byte[] bytes) {
    Superblock superblock = null;
    // The standard: at 0 or, behind what is not HDF5, at 512, 1024, 2048 and so on.
    for (long at = 0; at < bytes.length && superblock == null; at = Math.max(512, 2 * at)) {
      int start = (int) at;
      if (bytes.length - start > SIGNATURE.length
          && Arrays.equals(
              bytes, start, start + SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
        superblock =
            Superblock.readSuperblock(
                ByteBuffer.wrap(bytes).position(start).order(ByteOrder.LITTLE_ENDIAN));
        if (superblock.getBaseAddressByte() != start) {
          throw new IllegalArgumentException("no superblock at its base address");
        }
      }
    }
    if (superblock == null) {
      throw new IllegalArgumentException("no HDF5 signature");
    }
    // What is missing at the end might never be asked for.
    if (superblock.getEndOfFileAddress() > bytes.length) {
      throw new DataException(
          file
              + ": cut short, "
              + bytes.length
              + " of "
              + superblock.getEndOfFileAddress()
              + " bytes are there; fetch the file again.");
    }
    return superblock;
  }

  private long rootAddress(Superblock superblock) {
    if (superblock instanceof SuperblockV0V1 old) {
      long entry = old.getRootGroupSymbolTableAddress() - old.getBaseAddressByte();
      return new SymbolTableEntry(storage, entry).getObjectHeaderAddress();
    }
    return ((SuperblockV2V3) superblock).getRootGroupObjectHeaderAddress();
  }

  /**
   * Finds a dataset.
   *
   * @return the dataset, or null if there is nothing of that name
   * @throws DataException if what has the name is not a dataset
   */
  Hdf5Dataset dataset(String name) {
    OptionalLong address =
        root.has(SymbolTableMessage.MESSAGE_TYPE) ? findInTable(name) : findInHeader(name);
    if (address.isEmpty()) {
      return null;
    }
    Hdf5Header header = new Hdf5Header(storage, address.getAsLong());
    if (!header.has(Hdf5Header.DATA_SPACE)) {
      throw notADataset(name, "is not a dataset");
    }
    return new Hdf5Dataset(this, name, header);
  }

  /** Advice for a sound file whose form is not read. */
  static String rewrite(String name) {
    return "write its values anew, in Python: h5py.File('new.h5', 'w', libver='earliest')['"
        + name
        + "'] = h5py.File('old.h5')['"
        + name
        + "'][()].";
  }

  /** In groups of the old kind members are in tables, the tables in a tree, names in a heap. */
  private OptionalLong findInTable(String name) {
    SymbolTableMessage table =
        root.message(SymbolTableMessage.MESSAGE_TYPE, SymbolTableMessage.class);
    ByteBuffer names = new LocalHeap(storage, table.getLocalHeapAddress()).getDataBuffer();
    byte[] wanted = (name + "\0").getBytes(StandardCharsets.US_ASCII);
    OptionalLong found = OptionalLong.empty();
    for (long node :
        BTreeV1.createGroupBTree(storage, table.getBTreeAddress()).getChildAddresses()) {
      for (SymbolTableEntry entry :
          new GroupSymbolTableNode(storage, node).getSymbolTableEntries()) {
        if (startsWith(names, entry.getLinkNameOffset(), wanted)) {
          requireFirst(name, found);
          if (entry.getCacheType() == 2) {
            throw notADataset(name, "is a link to another place");
          }
          found = OptionalLong.of(entry.getObjectHeaderAddress());
        }
      }
    }
    return found;
  }

  /** In groups of the new kind, as long as they are small, members are in the group's header. */
  private OptionalLong findInHeader(String name) {
    if (root.message(LinkInfoMessage.MESSAGE_TYPE, LinkInfoMessage.class).getBTreeNameIndexAddress()
        != Constants.UNDEFINED_ADDRESS) {
      throw new DataException(
          file
              + ": has more than eight members in HDF5's newer form, which is not read; keep only"
              + " the datasets needed, or write it for the earliest version of HDF5.");
    }
    OptionalLong found = OptionalLong.empty();
    for (LinkMessage link : root.messages(LinkMessage.MESSAGE_TYPE, LinkMessage.class)) {
      if (link.getLinkName().equals(name)) {
        requireFirst(name, found);
        if (link.getLinkType() != LinkType.HARD) {
          throw notADataset(name, "is a link to another place");
        }
        found = OptionalLong.of(link.getHardLinkAddress());
      }
    }
    return found;
  }

  private static boolean startsWith(ByteBuffer names, int at, byte[] wanted) {
    if (at < 0 || at > names.capacity() - wanted.length) {
      return false;
    }
    return names.slice(at, wanted.length).equals(ByteBuffer.wrap(wanted));
  }

  private void requireFirst(String name, OptionalLong found) {
    if (found.isPresent()) {
      throw new DataException(
          file + ": has '" + name + "' twice; the file is damaged, fetch it again.");
    }
  }

  private DataException notADataset(String name, String what) {
    return new DataException(
        file + ": '" + name + "' " + what + "; export the file again with an array there.");
  }
}
