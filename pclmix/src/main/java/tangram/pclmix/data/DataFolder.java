package tangram.pclmix.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import tangram.nn.data.DataException;

/**
 * The slices and volumes in a folder of HDF5 files. The folder holds {@code ACDC_training_slices}
 * and {@code ACDC_training_volumes}, or the files themselves. Files come in the order of patient,
 * frame and slice as numbers.
 */
public final class DataFolder {
  /** The folder of the slices within a data folder. */
  public static final String SLICES = "ACDC_training_slices";

  /** The folder of the volumes within a data folder. */
  public static final String VOLUMES = "ACDC_training_volumes";

  /** Folders that are looked for in a data folder. */
  private static final Set<String> KNOWN = Set.of(Volumes.NIFTI, SLICES, VOLUMES);

  private DataFolder() {}

  /**
   * The files of the patients' slices.
   *
   * @param folder the data folder
   * @param patients whose slices; null for everybody's
   * @param notices hear of files that are left out
   * @return at least one file
   * @throws DataException if the folder is missing, holds a file of another name, or has no such
   *     slices
   */
  public static List<Path> slices(Path folder, Patients patients, Notices notices) {
    return list(folder, SLICES, true, patients, notices);
  }

  /**
   * The files of the patients' volumes.
   *
   * @param folder the data folder
   * @param patients whose volumes; null for everybody's
   * @param notices hear of files that are left out
   * @return at least one file
   * @throws DataException if the folder is missing, holds a file of another name, or has no such
   *     volumes
   */
  public static List<Path> volumes(Path folder, Patients patients, Notices notices) {
    return list(folder, VOLUMES, false, patients, notices);
  }

  /**
   * The patients that have slices, to train on, and volumes, to be judged by.
   *
   * @throws DataException if there are none
   */
  public static Patients patients(Path folder) {
    // Whoever reads the data tells what was left out.
    Notices none = new Notices();
    Patients both =
        patientsOf(slices(folder, null, none)).and(patientsOf(volumes(folder, null, none)));
    if (both.size() == 0) {
      throw new DataException(
          folder
              + ": no patient has both slices and volumes there; 'pclmix prepare' makes both of"
              + " ACDC's original files.");
    }
    return both;
  }

  private static Patients patientsOf(List<Path> files) {
    return Patients.of(
        files.stream()
            .map(file -> CaseName.parse(CaseName.withoutExtension(file)).orElseThrow())
            .mapToInt(CaseName::patient)
            .toArray());
  }

  private static List<Path> list(
      Path folder, String below, boolean slices, Patients patients, Notices notices) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          folder + ": there is no such folder; name the one that holds " + below + ".");
    }
    boolean own = Files.isDirectory(folder.resolve(below));
    Path place = own ? folder.resolve(below) : folder;
    SortedMap<CaseName, Path> found = new TreeMap<>();
    for (Path file : VisibleFiles.in(place)) {
      if (!CaseName.isHdf5(file)) {
        if (!VisibleFiles.isDocument(file) && (own || !isKnown(file))) {
          notices.leftOut("whose names do not end in .h5 or .hdf5", file);
        }
        continue;
      }
      CaseName parsed = parse(file);
      if (parsed.isSlice() == slices) {
        Path other = found.put(parsed.canonical(), file);
        if (other != null) {
          throw new DataException(
              file
                  + (slices
                      ? ": is of the same patient, frame and slice as "
                      : ": is of the same patient and frame as ")
                  + other.getFileName()
                  + "; move one of the two away.");
        }
      } else if (own) {
        notices.leftOut(slices ? "volumes among slices" : "slices among volumes", file);
      }
    }
    if (own) {
      VisibleFiles.in(folder).stream()
          .filter(CaseName::isHdf5)
          .forEach(file -> notices.leftOut("beside the folder " + below, file));
    }
    String kind =
        slices ? "slices (patientNNN_frameFF_slice_S.h5)" : "volumes (patientNNN_frameFF.h5)";
    if (found.isEmpty()) {
      throw new DataException(
          place + ": holds no " + kind + "; name the folder that holds " + below + ".");
    }
    List<Path> selected = new ArrayList<>();
    Patients present = Patients.of(found.keySet().stream().mapToInt(CaseName::patient).toArray());
    found.forEach(
        (name, file) -> {
          if (patients == null || patients.contains(name.patient())) {
            selected.add(file);
          }
        });
    if (selected.isEmpty()) {
      throw new DataException(
          place
              + ": holds no "
              + kind
              + " of patients "
              + patients
              + ", only of "
              + present
              + "; choose among these.");
    }
    return List.copyOf(selected);
  }

  private static CaseName parse(Path file) {
    return CaseName.parse(CaseName.withoutExtension(file))
        .orElseThrow(
            () ->
                new DataException(
                    file
                        + ": the name is neither patientNNN_frameFF_slice_S.h5 nor"
                        + " patientNNN_frameFF.h5, with numbers of nine digits at most; rename the"
                        + " file or move it away."));
  }

  /** What lies beside the files in a folder that holds slices and volumes itself. */
  private static boolean isKnown(Path file) {
    return KNOWN.contains(file.getFileName().toString());
  }
}
