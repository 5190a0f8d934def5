package dev.inkling.starter;

import dev.inkling.model.hub.ModelId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inkling download}: a model's files, before an experiment needs them. */
@Command(
    name = "download",
    description =
        "Download a model from the Hugging Face Hub into the cache that all its clients use.",
    mixinStandardHelpOptions = true)
final class DownloadCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "hf:OWNER/NAME[@REVISION]",
      description = "A repository, at a branch, a tag or a commit (default: main).")
  private String model = "";

  @Override
  public Integer call() throws Exception {
    if (!(ModelId.parse(model) instanceof ModelId.OnHub id)) {
      throw new UserException(
          Main.BAD_INPUT, model + " is a directory: there is nothing to download. See: --help");
    }
    try (HubSession session = new HubSession(Main.home(), "./inkling download " + id)) {
      String commit = session.deal((hub, view) -> hub.commit(id, view));
      Path snapshot = session.deal((hub, view) -> hub.snapshot(id, commit, view));
      System.out.println(
          "All " + TransferView.size(size(snapshot)) + " of " + id + " are here: " + snapshot);
      System.out.println("These very weights, whatever becomes of the branch: " + id.at(commit));
      return 0;
    }
  }

  private static long size(Path snapshot) throws IOException {
    long size = 0;
    try (Stream<Path> files = Files.list(snapshot)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        size += Files.size(file);
      }
    }
    return size;
  }
}
