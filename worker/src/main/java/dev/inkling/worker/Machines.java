package dev.inkling.worker;

import dev.inkling.provision.Node;
import dev.inkling.provision.Provider;
import dev.inkling.provision.Tool;
import dev.inkling.provision.modal.ModalProvider;
import dev.inkling.provision.sky.SkyProvider;
import dev.inkling.provision.slurm.NodeWorker;
import dev.inkling.provision.slurm.SlurmCommands;
import dev.inkling.provision.slurm.SlurmProvider;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What makes machines, as this machine's commands. */
public final class Machines {
  /** How often a launch under way is looked at. */
  private static final Duration POLL = Duration.ofSeconds(5);

  private Machines() {}

  /**
   * The providers; whether their tools are installed shows when they are called.
   *
   * @param environment this process's own; INKLING_SKY and INKLING_MODAL name other commands than
   *     those on the PATH
   * @param address of the Temporal service, as the machines reach it unless TEMPORAL_ADDRESS says
   *     otherwise
   */
  public static List<Provider> providers(
      Home home, Map<String, String> environment, String address) {
    Node node = Node.of(ServiceSettings.asVariables(environment), address);
    Path launches = home.directory().resolve("launches");
    Clock clock = Clock.systemUTC();
    return List.of(
        new SlurmProvider(
            SlurmCommands.onPath(),
            home.directory(),
            NodeWorker.of(node, environment, home.directory())),
        new SkyProvider(
            new Tool(List.of(environment.getOrDefault("INKLING_SKY", "sky")), Map.of()),
            node,
            launches,
            clock,
            POLL),
        new ModalProvider(
            new Tool(List.of(environment.getOrDefault("INKLING_MODAL", "modal")), Map.of()),
            node,
            launches,
            clock,
            POLL));
  }
}
