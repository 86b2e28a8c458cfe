package tangram.examples;

import java.nio.file.Path;
import java.util.function.Consumer;
import tangram.nn.model.LanguageModel;
import tangram.nn.text.*;
import tangram.tensor.*;

/**
 * Continues a text: {@code Generate FOLDER TEXT}. The folder holds {@code config.json}, {@code
 * tokenizer.json} and {@code model.safetensors} of a GPT-2, Llama, Mistral or Qwen 2, as Hugging
 * Face has them.
 */
public final class Generate {
  private Generate() {}

  /** Prints the text as it grows. */
  public static void main(String[] args) {
    Sampling sampling = Sampling.random(200, 0).temperature(0.8).topP(0.95);
    write(Path.of(args[0]), args[1], sampling, System.out::print);
    System.out.println();
  }

  static void write(Path folder, String text, Sampling sampling, Consumer<String> out) {
    Tokenizer tokenizer = Tokenizer.read(folder.resolve("tokenizer.json"));
    LanguageModel model = LanguageModel.read(Devices.get("vector"), folder);
    TextStream stream = tokenizer.stream();
    model.generate(tokenizer.encode(text), sampling, token -> out.accept(stream.add(token)));
    out.accept(stream.end());
  }
}
