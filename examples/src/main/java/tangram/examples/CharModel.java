package tangram.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import tangram.nn.*;
import tangram.nn.data.*;
import tangram.nn.training.Trainer;
import tangram.tensor.*;

/** A small transformer that learns to write like a text: {@code CharModel TEXT.txt}. */
public final class CharModel extends Layer {
  static final int CONTEXT = 64;

  private final Embedding tokens;
  private final Embedding positions;
  private final TransformerEncoder body;
  private final Linear head;

  CharModel(Init init, int characters, int features, int layers) {
    tokens = child("tokens", new Embedding(init, characters, features));
    positions = child("positions", new Embedding(init, CONTEXT, features));
    TransformerOptions options =
        TransformerOptions.DEFAULT
            .feedForward(4 * features)
            .normFirst(true)
            .batchFirst(true)
            .dropout(0);
    List<TransformerEncoderLayer> all =
        IntStream.range(0, layers)
            .mapToObj(i -> new TransformerEncoderLayer(init, features, 4, options))
            .toList();
    body = child("body", new TransformerEncoder(all, new LayerNorm(init, features)));
    head = child("head", new Linear(init, features, characters));
  }

  /** Logits [N, length, characters] of what comes after each of the characters [N, length]. */
  @Override
  public Tensor forward(Tensor x) {
    Tensor places = positions.forward(x.device().arange(x.dim(1)));
    return head.forward(body.forward(tokens.forward(x).add(places), AttentionMask.CAUSAL));
  }

  Tensor loss(Tensor[] batch) {
    return Loss.crossEntropy(forward(batch[0]).flatten(0, 1), batch[1].flatten());
  }

  /** Trains on a text and prints some that the model writes. */
  public static void main(String[] args) throws IOException {
    Device device = Devices.get("vector");
    String text = Files.readString(Path.of(args[0]));
    Characters characters = Characters.of(text);
    CharModel model = new CharModel(new Init(device, 0), characters.size(), 96, 3);
    Tensor all = device.tensor(characters.encode(text));
    DataLoader batches = new DataLoader(new TokenWindows(all, CONTEXT), 32).shuffle(0);
    new Trainer(model, new AdamW(model.parameters(), 1e-3), batches).loss(model::loss).run(1000);
    System.out.println(characters.decode(model.write(device, 500)));
  }

  /** Draws one character after another. */
  int[] write(Device device, int count) {
    int[] text = new int[count];
    Generator generator = new Generator(1);
    train(false);
    for (int i = 1; i < count; i++) {
      try (Scope scope = Scope.open();
          Autograd.Guard guard = Autograd.noGrad()) {
        int from = Math.max(0, i - CONTEXT);
        Tensor seen = device.tensor(text).narrow(0, from, i - from).unsqueeze(0);
        Tensor odds = forward(seen).select(1, -1).squeeze().softmax(0);
        text[i] = (int) odds.cumsum(0).lt(device.rand(generator)).to(seen.type()).sum().item();
      }
    }
    return text;
  }
}
