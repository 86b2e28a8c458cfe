package tangram.nn;

import static tangram.nn.FileFormatException.quote;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.json.Json;
import tangram.tensor.Shape;

/**
 * Tensors in several safetensors files, as an index says: {@code {"weight_map": {name: file}}},
 * such as a {@code model.safetensors.index.json} of Hugging Face. The files lie beside it.
 */
public final class SafeTensorsIndex implements TensorSource {
  private final Path file;
  private final Map<String, SafeTensors> sources = new LinkedHashMap<>();
  private final Map<String, SafeTensors> files = new LinkedHashMap<>();

  private SafeTensorsIndex(Path file) {
    this.file = file;
  }

  /**
   * Opens an index and its files, and checks their headers.
   *
   * @throws FileFormatException if one cannot be read, or a file lacks a tensor that the index says
   *     it has
   */
  public static SafeTensorsIndex read(Path file) {
    SafeTensorsIndex index = new SafeTensorsIndex(file);
    boolean opened = false;
    try {
      Json.read(file).only("metadata", "weight_map").get("weight_map").members(index::add);
      opened = true;
      return index;
    } finally {
      if (!opened) {
        index.close();
      }
    }
  }

  /**
   * Opens the weights of a folder: {@code model.safetensors}, or several files that {@code
   * model.safetensors.index.json} names.
   *
   * @throws FileFormatException if there is neither, or as {@link #read} and {@link
   *     SafeTensors#read}
   */
  public static TensorSource ofFolder(Path folder) {
    Path index = folder.resolve("model.safetensors.index.json");
    Path single = folder.resolve("model.safetensors");
    return Files.exists(index) && !Files.exists(single) ? read(index) : SafeTensors.read(single);
  }

  private void add(String name, Json place) {
    String part = place.text();
    Path path = file.resolveSibling(part).normalize();
    if (!part.equals(String.valueOf(path.getFileName()))) {
      throw place.error("should be the name of a file beside the index");
    }
    SafeTensors source = files.computeIfAbsent(part, p -> SafeTensors.read(path));
    if (!source.contains(name)) {
      throw place.error("names " + path + ", which holds no such tensor");
    }
    sources.put(name, source);
  }

  private SafeTensors source(String name) {
    SafeTensors source = sources.get(name);
    if (source == null) {
      throw new FileFormatException(
          file + ": holds no tensor " + quote(name) + "; use the file of this network.");
    }
    return source;
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public List<String> names() {
    return new ArrayList<>(sources.keySet());
  }

  @Override
  public boolean contains(String name) {
    return sources.containsKey(name);
  }

  @Override
  public Shape shape(String name) {
    return source(name).shape(name);
  }

  @Override
  public String dtype(String name) {
    return source(name).dtype(name);
  }

  @Override
  public boolean isReal(String name) {
    return source(name).isReal(name);
  }

  @Override
  public float[] finiteFloats(String name) {
    return source(name).finiteFloats(name);
  }

  @Override
  public int[] ints(String name) {
    return source(name).ints(name);
  }

  @Override
  public void close() {
    files.values().forEach(SafeTensors::close);
  }
}
