package tangram.tensor.vector.winograd;

import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;

/**
 * How the 4x4 tiles of a batch of planes map to vector lanes.
 *
 * <p>Two mappings. <em>Across rows</em>: the lanes of a vector are neighbouring tiles of a row of
 * tiles; every fourth column of a row of the image is brought together first. For wide planes.
 * <em>Across images</em>: the lanes are the same tile of different images; blocks of the batch are
 * transposed first, so nothing depends on where a row ends. For small planes and full batches.
 *
 * <p>A <em>range</em> is some rows of tiles, of one image across rows and of all images across
 * images. Its tiles are numbered without gaps (except that a row of tiles is filled up to whole
 * vectors across rows): (tile row, tile column) across rows, (tile row, tile column, image) across
 * images.
 */
public final class WinogradTiles {
  private static final int VL = GemmKernel.VL;

  final int images;
  final int height;
  final int width;

  /** Whether lanes are images. */
  final boolean acrossImages;

  final int tilesY;
  final int tilesX;

  /** Tiles in a row of tiles of a range. */
  final int rowTiles;

  /** Vectors of tiles in a row of tiles, for one group of images. */
  final int groups;

  /** Distance between the tiles of consecutive groups. */
  final int groupTiles;

  /** Groups of images. */
  final int imageGroups;

  private WinogradTiles(int images, int height, int width, boolean acrossImages, int groupTiles) {
    this.images = images;
    this.height = height;
    this.width = width;
    this.acrossImages = acrossImages;
    this.tilesY = Gemm.blocks(height, 4);
    this.tilesX = Gemm.blocks(width, 4);
    this.groups = acrossImages ? tilesX : Gemm.blocks(tilesX, VL);
    this.groupTiles = groupTiles;
    this.rowTiles = groups * groupTiles;
    this.imageGroups = acrossImages ? Gemm.blocks(images, VL) : 1;
  }

  /**
   * Chooses the mapping for planes of outputs.
   *
   * @return null if neither fills at least half of the lanes
   */
  public static WinogradTiles of(int images, int height, int width) {
    int tilesX = Gemm.blocks(width, 4);
    if (tilesX >= 0.75 * VL * Gemm.blocks(tilesX, VL)) {
      return new WinogradTiles(images, height, width, false, VL);
    }
    if (images >= 0.5 * VL * Gemm.blocks(images, VL)) {
      return new WinogradTiles(images, height, width, true, images);
    }
    return null;
  }

  /**
   * The mapping across images for a vector of channels of one image, whose planes are apart like
   * images of one channel.
   *
   * @param distance between consecutive tiles
   */
  static WinogradTiles ofChannels(int height, int width, int distance) {
    return new WinogradTiles(VL, height, width, true, distance);
  }

  /** Tiles of the whole batch. */
  public int count() {
    return images * tilesY * tilesX;
  }
}
