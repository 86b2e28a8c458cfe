package tangram.spark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;
import tangram.pclmix.prediction.ScanFiles;

/** Files of any file system that Hadoop knows; names without one are of this machine. */
final class HadoopFiles {
  private final Configuration settings;

  HadoopFiles(Configuration settings) {
    this.settings = settings;
  }

  /** The address that a user's name means. */
  static String address(String name) {
    return name.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")
        ? name
        : Paths.get(name).toAbsolutePath().normalize().toUri().toString();
  }

  /** The last part of an address. */
  static String name(String address) {
    return new Path(address).getName();
  }

  private FileSystem system(Path path) throws IOException {
    FileSystem system = path.getFileSystem(settings);
    // On this machine files of sums beside each would only be in the way.
    system.setWriteChecksum(false);
    system.setVerifyChecksum(false);
    return system;
  }

  /**
   * The scans among files and folders that a user names, by name.
   *
   * @throws DataException if a name is of nothing, or a folder holds no scan
   */
  List<String> scans(List<String> names) {
    List<String> found = new ArrayList<>();
    for (String name : names) {
      Path path = new Path(address(name));
      try {
        FileSystem system = system(path);
        if (!system.exists(path)) {
          throw new DataException(name + ": there is no such file or folder; check the path.");
        }
        if (system.getFileStatus(path).isFile()) {
          if (!ScanFiles.isScan(path.getName())) {
            throw new DataException(
                name
                    + ": the name ends in none of .nii, .nii.gz, .h5 and .hdf5; convert the scan to"
                    + " NIfTI-1 or name another file.");
          }
          found.add(path.toString());
          continue;
        }
        List<String> taken =
            Arrays.stream(system.listStatus(path))
                .filter(FileStatus::isFile)
                .map(FileStatus::getPath)
                .filter(file -> !file.getName().startsWith("."))
                .filter(file -> ScanFiles.isTaken(file.getName()))
                .sorted(Comparator.comparing(Path::getName))
                .map(Path::toString)
                .toList();
        if (taken.isEmpty()) {
          throw new DataException(
              name
                  + ": holds no scan (.nii, .nii.gz, .h5 or .hdf5); name the folder that holds them.");
        }
        found.addAll(taken);
      } catch (IOException e) {
        throw new DataException(
            name + ": cannot be read (" + Failure.sentence(e) + "); check the address.", e);
      }
    }
    return found.stream().distinct().toList();
  }

  /** The names of a folder's files; none if there is no folder. */
  Set<String> names(String folder) {
    Path path = new Path(address(folder));
    try {
      FileSystem system = system(path);
      Set<String> names = new HashSet<>();
      if (system.exists(path)) {
        for (FileStatus file : system.listStatus(path)) {
          names.add(file.getPath().getName());
        }
      }
      return names;
    } catch (IOException e) {
      throw new FileWriteException(
          folder + ": cannot be read (" + Failure.sentence(e) + "); choose another folder.", e);
    }
  }

  /**
   * All bytes of a file.
   *
   * @throws FileFormatException if it cannot be read
   */
  byte[] read(String file) {
    Path path = new Path(address(file));
    try (InputStream in = system(path).open(path);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream()) {
      in.transferTo(bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + Failure.sentence(e) + "); check the path.", e);
    }
  }

  /**
   * Copies a file to this machine.
   *
   * @throws DataException if it cannot be read
   */
  void fetch(String file, java.nio.file.Path to) {
    Path path = new Path(file);
    try (InputStream in = system(path).open(path)) {
      java.nio.file.Files.copy(in, to);
    } catch (IOException e) {
      throw new DataException(
          file + ": cannot be read (" + Failure.sentence(e) + "); check the file.", e);
    }
  }

  /** Whether there is such a file or folder. */
  boolean exists(String address) {
    Path path = new Path(address);
    try {
      return system(path).exists(path);
    } catch (IOException e) {
      throw unreachable(address, e);
    }
  }

  /**
   * The names of all files in a folder and those within, from it on; none if there is none, and an
   * empty name if it is a file.
   */
  List<String> tree(String folder) {
    Path path = new Path(folder);
    try {
      FileSystem system = system(path);
      List<String> names = new ArrayList<>();
      if (system.exists(path)) {
        FileStatus status = system.getFileStatus(path);
        if (status.isFile()) {
          return List.of("");
        }
        String base = status.getPath().toUri().getPath() + "/";
        RemoteIterator<LocatedFileStatus> files = system.listFiles(path, true);
        while (files.hasNext()) {
          names.add(files.next().getPath().toUri().getPath().substring(base.length()));
        }
      }
      return names;
    } catch (IOException e) {
      throw unreachable(folder, e);
    }
  }

  /** Removes a file, or a folder with all that is in it, if there is one. */
  void remove(String address) {
    Path path = new Path(address);
    try {
      system(path).delete(path, true);
    } catch (IOException e) {
      throw unreachable(address, e);
    }
  }

  private static FileWriteException unreachable(String address, IOException e) {
    return new FileWriteException(
        address + ": cannot be reached (" + Failure.sentence(e) + "); check the address.", e);
  }

  /**
   * Copies a file of this machine, whole or not at all.
   *
   * @param to the address that it gets; folders that are missing are made
   * @throws FileWriteException if it cannot be written
   */
  void put(java.nio.file.Path file, String to) {
    Path target = new Path(to);
    Path temporary =
        new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID() + ".tmp");
    try {
      FileSystem system = system(target);
      system.mkdirs(target.getParent());
      try {
        system.copyFromLocalFile(false, true, new Path(file.toUri()), temporary);
        system.delete(target, false);
        if (!system.rename(temporary, target)) {
          throw new IOException("it cannot be renamed");
        }
      } finally {
        system.delete(temporary, false);
      }
    } catch (IOException e) {
      throw new FileWriteException(
          target + ": cannot be written (" + Failure.sentence(e) + "); choose a writable folder.",
          e);
    }
  }

  /** Writes a small file. */
  void write(byte[] bytes, String to) {
    Path target = new Path(to);
    try (OutputStream out = system(target).create(target, true)) {
      out.write(bytes);
    } catch (IOException e) {
      throw unreachable(to, e);
    }
  }

  /** Removes a folder of this machine with all that is in it. */
  static void removeLocal(java.nio.file.Path folder) {
    try (Stream<java.nio.file.Path> files = java.nio.file.Files.walk(folder)) {
      for (java.nio.file.Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        java.nio.file.Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
