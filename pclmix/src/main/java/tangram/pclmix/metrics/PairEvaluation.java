package tangram.pclmix.metrics;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiImage;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.VisibleFiles;
import tangram.pclmix.data.Volumes;

/**
 * Scores predictions that lie as files beside the truth: {@code X_pred.nii.gz} and {@code
 * X_gt.nii.gz}, or {@code .nii}, for every case X of a folder. Other files are left alone.
 */
public final class PairEvaluation {
  private static final Pattern NAME =
      Pattern.compile("(.+)_(pred|gt)\\.nii(\\.gz)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** What 'predict' writes beside predictions. */
  private static final Pattern PROBABILITIES =
      Pattern.compile("(.+)_prob\\.nii(\\.gz)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private PairEvaluation() {}

  /**
   * Scores every pair of a folder, in the order of the names. Distances are in millimetres with the
   * voxel spacing of the truth's header.
   *
   * @param folder the folder
   * @param labels the classes in its files
   * @param anywhere whether the files of a pair are compared voxel by voxel even if their headers
   *     place them differently
   * @param notices hear of pairs that cannot be scored: without a partner, not to be read, of
   *     different shape or place, or with other labels; and of files that are left out
   * @throws DataException if the folder is missing or holds no pair, if a file exists twice, or if
   *     no pair can be scored
   */
  public static Evaluation evaluate(Path folder, Labels labels, boolean anywhere, Notices notices) {
    Map<String, Path> predictions = new TreeMap<>();
    Map<String, Path> truths = new TreeMap<>();
    collect(folder, predictions, truths, notices);
    if (truths.isEmpty() && predictions.isEmpty()) {
      throw new DataException(
          folder
              + ": holds no pairs X_pred.nii.gz and X_gt.nii.gz; name a folder of predictions and"
              + " truths.");
    }
    requirePartners(predictions, truths, "_gt", notices);
    requirePartners(truths, predictions, "_pred", notices);
    truths.keySet().retainAll(predictions.keySet());
    requireOnce(truths);
    List<SegmentationScores> scores = new ArrayList<>();
    truths.forEach(
        (name, truth) -> {
          try {
            scores.add(score(name, labels, predictions.get(name), truth, anywhere, notices));
          } catch (DataException e) {
            // The others may be sound.
            notices.failed(e);
          } catch (OutOfMemoryError e) {
            notices.failed(Volumes.tooLarge(truth, e));
          }
        });
    if (scores.isEmpty()) {
      throw notices.failures().get(0);
    }
    return new Evaluation(labels, scores);
  }

  private static void collect(
      Path folder, Map<String, Path> predictions, Map<String, Path> truths, Notices notices) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          folder + ": there is no such folder; name one with X_pred.nii.gz and X_gt.nii.gz.");
    }
    for (Path file : VisibleFiles.in(folder)) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (!name.matches()) {
        if (PROBABILITIES.matcher(file.getFileName().toString()).matches()) {
          notices.leftAlone("probabilities by their names", file);
        } else if (!VisibleFiles.isDocument(file)) {
          notices.leftOut("being neither X_pred.nii.gz nor X_gt.nii.gz", file);
        }
        continue;
      }
      Map<String, Path> kind = name.group(2).equalsIgnoreCase("pred") ? predictions : truths;
      Path other = kind.put(name.group(1), file);
      if (other != null) {
        throw new DataException(
            file + ": there is also " + other.getFileName() + "; keep one of the two.");
      }
    }
  }

  /** Of names such as ACDC's, zeros before the numbers make no other case. */
  private static void requireOnce(Map<String, Path> truths) {
    Map<CaseName, Path> cases = new TreeMap<>();
    truths.forEach(
        (name, file) ->
            CaseName.parse(name)
                .map(parsed -> cases.put(parsed.canonical(), file))
                .ifPresent(
                    other -> {
                      throw new DataException(
                          file
                              + ": is of the same patient and frame as "
                              + other.getFileName()
                              + "; move one of the two pairs away.");
                    }));
  }

  private static void requirePartners(
      Map<String, Path> files, Map<String, Path> partners, String suffix, Notices notices) {
    files.forEach(
        (name, file) -> {
          if (!partners.containsKey(name)) {
            notices.failed(
                new DataException(
                    file
                        + ": its partner "
                        + name
                        + suffix
                        + ".nii.gz is missing; add it or move this file away."));
          }
        });
  }

  private static SegmentationScores score(
      String name,
      Labels labels,
      Path predictionFile,
      Path truthFile,
      boolean anywhere,
      Notices notices) {
    NiftiImage truth = Nifti.read(truthFile);
    NiftiImage prediction = Nifti.read(predictionFile);
    if (!shape(prediction).equals(shape(truth))) {
      throw new DataException(
          predictionFile
              + ": is "
              + shape(prediction)
              + " voxels but "
              + truthFile.getFileName()
              + " is "
              + shape(truth)
              + "; predict on the grid of the truth.");
    }
    String difference = prediction.header().differenceFrom(truth.header());
    if (difference != null) {
      String what =
          predictionFile
              + ": does not lie on the grid of "
              + truthFile.getFileName()
              + ", it "
              + difference;
      if (!anywhere) {
        throw new DataException(
            what
                + "; resample it onto the truth, or use --ignore-geometry if the two match voxel by"
                + " voxel.");
      }
      notices.doubt(what + "; compared voxel by voxel all the same.");
    }
    String doubt = truth.header().doubt();
    if (doubt != null) {
      notices.doubt(truthFile + ": its " + doubt + ".");
    }
    double[] spacing = truth.spacing();
    VoxelGrid grid =
        new VoxelGrid(
            truth.depth(), truth.height(), truth.width(), spacing[0], spacing[1], spacing[2]);
    return SegmentationScores.of(
        name,
        labels.count(),
        classes(predictionFile, prediction, labels),
        classes(truthFile, truth, labels),
        grid);
  }

  /** Depth, height and width as the user reads them. */
  private static String shape(NiftiImage image) {
    return image.depth() + "x" + image.height() + "x" + image.width();
  }

  private static byte[] classes(Path file, NiftiImage image, Labels labels) {
    byte[] classes = image.labels();
    int bad = SegmentationScores.firstBadLabel(classes, labels.count());
    if (bad >= 0) {
      throw new DataException(
          file
              + ": holds label "
              + (classes[bad] & 0xFF)
              + "; map its labels to "
              + labels.text()
              + ".");
    }
    return classes;
  }
}
