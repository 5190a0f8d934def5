package dev.inkling.preset;

import dev.inkling.artifact.Disk;
import dev.inkling.artifact.InklingHome;
import dev.inkling.generate.MnistFiles;
import dev.inkling.language.OpenModels;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.Credentials;
import dev.inkling.model.hosted.Providers;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Planner;
import dev.inkling.prompt.SystemPrompt;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.ModelSpec;
import dev.inkling.spec.OpenModel;
import dev.inkling.stage.Monitor;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The files that specs name, and the servers that the environment names. */
final class UserSources implements Planner.Sources {
  private final Map<String, String> environment;
  private final Monitor monitor;
  private final Map<OpenModel, Held> held = new HashMap<>();

  /**
   * Looks up what several plans may name.
   *
   * @param monitor hears that this is alive while weights are read
   */
  UserSources(Map<String, String> environment, Monitor monitor) {
    this.environment = environment;
    this.monitor = monitor;
  }

  @Override
  public Optional<String> sha256(DatasetSpec.Mnist dataset) {
    return MnistFiles.sha256(dataset);
  }

  @Override
  public String sha256(String file) {
    try {
      Path path = Path.of(file);
      if (!Files.isRegularFile(path)) {
        throw new FileNotFoundException("there is no file " + path.toAbsolutePath());
      }
      return Disk.sha256(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<String> server(HostedModel model) {
    try {
      Path file = InklingHome.directory(environment).resolve(Credentials.FILE);
      // An address may be private: like keys it stays out of histories and artifacts.
      return Providers.address(model, Credentials.of(environment, file))
          .map(address -> Keys.sha256(address.getBytes(StandardCharsets.UTF_8)).substring(0, 16));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Held held(OpenModel model) {
    // Each seed, and each point of a sweep, asks again; hashing a directory reads all its weights.
    Held known = held.get(model);
    if (known == null) {
      known = lookedUp(model);
      held.put(model, known);
    }
    return known;
  }

  private Held lookedUp(OpenModel model) {
    try {
      return new OpenModels(InklingHome.directory(environment), environment).held(model, monitor);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted while asking the Hub", e));
    } catch (ModelException e) {
      throw new UncheckedIOException(new IOException(e.getMessage(), e));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String told(ModelSpec.Prompted model) {
    return SystemPrompt.fill(
        model.template().orElseGet(SystemPrompt::standard), model.target(), model.category());
  }
}
