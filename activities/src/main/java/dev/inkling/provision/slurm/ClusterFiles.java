package dev.inkling.provision.slurm;

import dev.inkling.artifact.Disk;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a cluster keeps on the file system that this machine shares with the nodes: {@code
 * clusters/NAME} with the job's script and the worker's environment, and {@code
 * logs/NAME.GENERATION.log}, which stays for people.
 *
 * @param home INKLING_HOME
 */
record ClusterFiles(Path home) {
  private static final Set<PosixFilePermission> OURS = PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OUR_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  /** Of one cluster, whatever its generation. */
  Path directory(String name) {
    return home.resolve("clusters").resolve(name);
  }

  /** What the worker of a generation has in its environment; secret, and gone once it has begun. */
  Path environment(String name, int generation) {
    return directory(name).resolve(generation + ".environment");
  }

  /** What a generation's job runs. */
  Path script(String name, int generation) {
    return directory(name).resolve(generation + ".sh");
  }

  /** What a generation's job and its workers say. */
  Path log(String name, int generation) {
    return home.resolve("logs").resolve(name + "." + generation + ".log");
  }

  /** Writes both files of a generation; those of a crashed call before it are replaced. */
  void write(String name, int generation, String environment, String script)
      throws ProvisionException {
    try {
      Files.createDirectories(home.resolve("logs"));
      Files.createDirectories(home.resolve("clusters"));
      Path directory = directory(name);
      if (!Files.isDirectory(directory)) {
        Files.createDirectory(directory, attribute(directory, OUR_DIRECTORY));
      }
      replace(environment(name, generation), environment);
      replace(script(name, generation), script);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Removes the files of a generation and of earlier ones, if there are any. */
  void remove(String name, int newest) throws ProvisionException {
    try (Stream<Path> all = Files.list(directory(name))) {
      for (Path file : all.filter(file -> generation(file) <= newest).toList()) {
        Disk.removeAll(file); // the links to torch are a folder
      }
      Files.deleteIfExists(directory(name));
    } catch (NoSuchFileException | DirectoryNotEmptyException e) {
      // There are none, or there is a later generation's.
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** What the names of a generation's files begin with; 0 for one of an older version. */
  private static int generation(Path file) {
    String first = file.getFileName().toString().split("\\.", 2)[0];
    return first.matches("[0-9]{1,9}") ? Integer.parseInt(first) : 0;
  }

  private ProvisionException unusable(IOException e) {
    return new ProvisionException(
        Reason.UNAVAILABLE,
        "The files of clusters under %s cannot be written or removed: %s. Make room or mend the permissions; it is tried again."
            .formatted(home.resolve("clusters"), e));
  }

  /** Never readable for others, not even before it is whole. */
  private static void replace(Path file, String text) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
    Files.createFile(written, attribute(written, OURS));
    Files.write(written, text.getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE);
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** None where the file system knows no such permissions. */
  private static FileAttribute<?>[] attribute(Path file, Set<PosixFilePermission> permissions) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
        : new FileAttribute<?>[0];
  }
}
