package tangram.tensor.kernel;

/**
 * Sizes of a windowed attention.
 *
 * @param windows windows of the whole batch
 * @param windowsPerImage windows of one image; selects the mask
 * @param tokens tokens in a window
 * @param heads attention heads
 * @param headDim channels of a head
 */
public record AttentionShape(
    int windows, int windowsPerImage, int tokens, int heads, int headDim) {}
