package tangram.pclmix.method;

import java.util.Map;
import tangram.nn.Module;
import tangram.pclmix.network.SegmentationNetwork;

/**
 * The networks of a learner as one module: encoder and decoder of the one that predicts by these
 * names, and others by theirs.
 */
final class NetworkSet extends Module {
  NetworkSet(SegmentationNetwork main, Map<String, ? extends Module> others) {
    child("encoder", main.encoder());
    child("decoder", main.decoder());
    others.forEach(this::child);
  }
}
