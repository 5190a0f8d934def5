package dev.inkling.generate;

import ai.djl.Application;
import ai.djl.basicdataset.BasicDatasets;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Repository;
import dev.inkling.artifact.Disk;
import dev.inkling.plan.Keys;
import dev.inkling.spec.DatasetSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where MNIST's four files come from: Inkling's own 10,000 digits, a directory, or DJL's download.
 */
public final class MnistFiles {
  /** The four files: what they are called by MNIST, and by DJL. */
  private static final Map<String, String> DJL_NAMES =
      Map.of(
          "train-images-idx3-ubyte", "train_data",
          "train-labels-idx1-ubyte", "train_labels",
          "t10k-images-idx3-ubyte", "test_data",
          "t10k-labels-idx1-ubyte", "test_labels");

  /** Opens a file by MNIST's name. */
  @FunctionalInterface
  interface Opener {
    InputStream open(String name) throws IOException;
  }

  private MnistFiles() {}

  /**
   * SHA-256 of the files that a dataset is read from; empty for the digits that come with Inkling.
   */
  public static Optional<String> sha256(DatasetSpec.Mnist dataset) {
    if (dataset.variant() == DatasetSpec.Mnist.Variant.EMBEDDED) {
      return Optional.empty(); // part of the implementation, so its version stands for it
    }
    if (dataset.directory().isEmpty()) {
      return Optional.of("the four files that DJL downloads");
    }
    try {
      List<String> hashes = new ArrayList<>();
      for (String name : DJL_NAMES.keySet().stream().sorted().toList()) {
        hashes.add(Disk.sha256(existing(Path.of(dataset.directory().get()), name)));
      }
      return Optional.of(Keys.sha256(String.join("\n", hashes).getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the files of a dataset are read. */
  static Opener of(DatasetSpec.Mnist.Variant variant, Optional<String> directory)
      throws IOException {
    if (variant == DatasetSpec.Mnist.Variant.EMBEDDED) {
      return MnistFiles::embedded;
    }
    return directory.isPresent()
        ? name -> Files.newInputStream(existing(Path.of(directory.get()), name))
        : downloaded();
  }

  private static InputStream embedded(String name) throws IOException {
    InputStream in = MnistFiles.class.getResourceAsStream("mnist/" + name + ".gz");
    if (in == null) {
      throw new FileNotFoundException("the embedded digits lack " + name);
    }
    return in;
  }

  private static Path existing(Path directory, String name) throws IOException {
    for (String ending : List.of("", ".gz")) {
      Path file = directory.resolve(name + ending);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new FileNotFoundException(
        "there is no " + name + " or " + name + ".gz in " + directory.toAbsolutePath());
  }

  /** DJL's dataset module fetches the files into its cache, checked by their SHA-1. */
  private static Opener downloaded() throws IOException {
    // The engine is told to fetch nothing, because its libraries are here; the digits are not.
    String offline = System.setProperty("ai.djl.offline", "false");
    try {
      MRL mrl =
          BasicDatasets.REPOSITORY.dataset(
              Application.CV.ANY, BasicDatasets.GROUP_ID, "mnist", "1.0");
      Artifact artifact = mrl.getDefaultArtifact();
      mrl.prepare(artifact);
      Repository repository = mrl.getRepository();
      return name -> repository.openStream(artifact.getFiles().get(DJL_NAMES.get(name)), null);
    } catch (IOException e) {
      throw new IOException(
          "MNIST could not be downloaded ("
              + e.getMessage()
              + "); put its four IDX files into a directory and name it:"
              + " data set, directory",
          e);
    } finally {
      if (offline != null) {
        System.setProperty("ai.djl.offline", offline);
      } else {
        System.clearProperty("ai.djl.offline");
      }
    }
  }
}
