package dev.inkling.provision.sky;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inkling.provision.Certificates;
import dev.inkling.provision.Node;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a launch reads: the task, and the worker's environment, which nobody else may
 * read. They lie in one folder for each generation, so that a launch that was killed leaves them
 * where the next one finds and removes them.
 */
record Draft(Path folder) implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Draft.class);

  static Draft of(Path directory, SkyTask task, Node node) throws ProvisionException {
    Draft draft = new Draft(directory.resolve(task.request().queue()).toAbsolutePath());
    try {
      Files.createDirectories(
          draft.folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      draft.write(
          draft.environment(),
          SkyTask.environment(Certificates.inPlaceOfFiles(node.environment())));
      draft.write(draft.file(), task.render(node, draft.environment()));
    } catch (IOException e) {
      draft.close();
      throw new ProvisionException(
          Reason.UNAVAILABLE,
          "%s cannot be written (%s). Nothing was launched. Make room there."
              .formatted(draft.folder, e.getMessage()));
    } catch (ProvisionException e) {
      draft.close();
      throw e;
    }
    return draft;
  }

  Path file() {
    return folder.resolve("worker.yaml");
  }

  Path environment() {
    return folder.resolve("environment");
  }

  private void write(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text, UTF_8);
  }

  /**
   * Removes what launches of a cluster that were killed have left.
   *
   * @param newest the generation up to which no launch is under way, whose server would still read
   *     them
   */
  static void forget(Path directory, String cluster, int newest) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, cluster + ".*")) {
      for (Path folder : left) {
        if (generation(folder) <= newest) {
          new Draft(folder).close();
        }
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", directory, e.getMessage());
    }
  }

  /** What stands behind the last dot of a task queue's name. */
  private static int generation(Path folder) {
    String queue = folder.getFileName().toString();
    return Integer.parseInt(queue.substring(queue.lastIndexOf('.') + 1));
  }

  /** A file that cannot be removed is readable by us alone, and the next launch tries again. */
  @Override
  public void close() {
    for (Path path : List.of(environment(), file(), folder)) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.warn("{} stays: {}", path, e.getMessage());
      }
    }
  }
}
