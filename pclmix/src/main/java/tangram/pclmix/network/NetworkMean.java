package tangram.pclmix.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tangram.nn.Layer;
import tangram.tensor.Tensor;

/**
 * Several networks that segment together, by the mean of their probabilities. The tensors of the
 * first begin with {@code encoder.} and {@code decoder.}, those of the others with names of theirs.
 */
public final class NetworkMean extends Layer {
  private final List<SegmentationNetwork> networks = new ArrayList<>();

  /** Creates it of networks that stay usable by themselves. */
  public NetworkMean(SegmentationNetwork first, Map<String, SegmentationNetwork> others) {
    child("encoder", first.encoder());
    child("decoder", first.decoder());
    networks.add(first);
    others.forEach((name, network) -> networks.add(child(name, network)));
  }

  /**
   * Segments images.
   *
   * @param x images [N, 1, H, W], sides multiples of 32
   * @return logarithms of the mean probabilities [N, classes, H, W], which are logits of them
   */
  @Override
  public Tensor forward(Tensor x) {
    Tensor sum = networks.get(0).probabilities(x);
    for (SegmentationNetwork network : networks.subList(1, networks.size())) {
      sum = sum.then(s -> s.add(network.probabilities(x)));
    }
    return sum.then(s -> s.div(networks.size())).then(Tensor::log);
  }
}
