package tangram.pclmix.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

  private DataFolder() {}

  /**
   * The files of the patients' slices.
   *
   * @param folder the data folder
   * @param patients whose slices; null for everybody's
   * @return at least one file
   * @throws DataException if the folder is missing, holds a file of another name, or has no such
   *     slices
   */
  public static List<Path> slices(Path folder, Patients patients) {
    return list(folder, SLICES, true, patients);
  }

  /**
   * The files of the patients' volumes.
   *
   * @param folder the data folder
   * @param patients whose volumes; null for everybody's
   * @return at least one file
   * @throws DataException if the folder is missing, holds a file of another name, or has no such
   *     volumes
   */
  public static List<Path> volumes(Path folder, Patients patients) {
    return list(folder, VOLUMES, false, patients);
  }

  /**
   * The patients that have slices, to train on, and volumes, to be judged by.
   *
   * @throws DataException if there are none
   */
  public static Patients patients(Path folder) {
    Patients both = patientsOf(slices(folder, null)).and(patientsOf(volumes(folder, null)));
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

  private static List<Path> list(Path folder, String below, boolean slices, Patients patients) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          folder + ": there is no such folder; name the one that holds " + below + ".");
    }
    Path place = Files.isDirectory(folder.resolve(below)) ? folder.resolve(below) : folder;
    Map<CaseName, Path> found = new TreeMap<>();
    for (Path file : VisibleFiles.in(place)) {
      if (!file.getFileName().toString().endsWith(".h5")) {
        continue;
      }
      CaseName parsed =
          CaseName.parse(CaseName.withoutExtension(file))
              .orElseThrow(
                  () ->
                      new DataException(
                          file
                              + ": the name is neither patientNNN_frameFF_slice_S.h5 nor"
                              + " patientNNN_frameFF.h5; rename the file or move it away."));
      if (parsed.isSlice() == slices) {
        found.put(parsed, file);
      }
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
}
