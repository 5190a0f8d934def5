package dev.inkling.provision.sky;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.provision.Tool.TimedOutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands of SkyPilot that we use, as version 0.14 has them. {@code sky api stop} is not among
 * them and must never be: it ends the servers of everybody on the machine.
 */
record SkyCli(Tool tool, Limits limits) {
  private static final Logger LOG = LoggerFactory.getLogger(SkyCli.class);

  /** Lines in which a worker that cannot begin says why. */
  private static final int WORDS = 10;

  /**
   * How long each may take.
   *
   * @param look ten seconds are usual, thirty if a server must be started first
   * @param launch SkyPilot may try many zones, and a large machine takes its time
   * @param down some clouds end a machine only after minutes
   */
  record Limits(Duration look, Duration launch, Duration down) {
    static final Limits USUAL =
        new Limits(Duration.ofMinutes(3), Duration.ofMinutes(45), Duration.ofMinutes(10));
  }

  static SkyCli of(Tool tool, Limits limits) {
    return new SkyCli(
        tool.with(
            Map.of(
                "SKYPILOT_DISABLE_USAGE_COLLECTION", "1",
                // The table of prices has letters that are not ASCII.
                "PYTHONUTF8", "1")),
        limits);
  }

  /** The cluster of that name, as its cloud knows it now. */
  Optional<SkyCluster> find(String name) throws ProvisionException, InterruptedException {
    return status(List.of(name)).stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /** Every cluster, also those of other users of the same server. */
  List<SkyCluster> all() throws ProvisionException, InterruptedException {
    return status(List.of("--all-users"));
  }

  private List<SkyCluster> status(List<String> which)
      throws ProvisionException, InterruptedException {
    // Without --refresh a machine that was taken away is still said to be up.
    List<String> arguments = new ArrayList<>(List.of("status", "--refresh", "-o", "json"));
    arguments.addAll(which);
    JsonNode json = look(arguments, "SkyPilot did not tell what clusters there are").json();
    List<SkyCluster> clusters = new ArrayList<>();
    json.forEach(one -> clusters.add(SkyCluster.of(one)));
    return clusters;
  }

  /** Its jobs; empty if that cannot be known now. */
  Optional<List<SkyJob>> jobs(String cluster) throws ProvisionException, InterruptedException {
    return SkyJob.of(
        look(
                List.of("queue", cluster, "-o", "json"),
                "SkyPilot did not tell what runs on " + cluster)
            .json(),
        cluster);
  }

  /**
   * US dollars for an hour of each cluster that lives, at today's price; without those whose price
   * SkyPilot does not know, and empty if it cannot be asked. The form is that of the source of
   * version 0.14: here no cluster has a price that could be recorded.
   */
  Map<String, Double> prices() throws InterruptedException {
    Map<String, Double> prices = new HashMap<>();
    try {
      JsonNode json =
          look(
                  List.of("cost-report", "--days", "1", "-o", "json"),
                  "SkyPilot did not tell what its clusters cost")
              .json();
      for (JsonNode one : json) {
        double usd = one.path("total_cost").asDouble();
        double seconds = one.path("duration").asDouble();
        if (!one.path("status").asText().equals("TERMINATED") && usd > 0 && seconds > 0) {
          prices.put(one.path("name").asText(), usd / seconds * 3600);
        }
      }
    } catch (ProvisionException e) {
      LOG.warn("Machines count as costing what was foretold: {}", e.getMessage());
    }
    return prices;
  }

  /** What the worker of a cluster said last; nothing if that cannot be known. */
  String lastWords(String cluster) throws InterruptedException {
    try {
      // Its exit status is the job's.
      List<String> said =
          tool.call(
                  limits.look,
                  line -> {},
                  List.of("logs", cluster, "--no-follow", "--tail", Integer.toString(WORDS)))
              .output();
      return String.join("\n", said.subList(Math.max(0, said.size() - WORDS), said.size()));
    } catch (ProvisionException | TimedOutException e) {
      return "";
    }
  }

  /** What a launch would do; nothing is made. */
  Ended rehearse(Path file) throws ProvisionException, InterruptedException {
    return look(
        List.of("launch", "-y", "--dryrun", file.toString()), "SkyPilot cannot launch this");
  }

  /** Launches; its end says nothing about the worker's. */
  Ended launch(String cluster, int autostop, Path file, Consumer<String> progress)
      throws ProvisionException, TimedOutException, InterruptedException {
    return tool.call(
        limits.launch,
        progress,
        List.of(
            "launch",
            "-y",
            "-d",
            "--down",
            "-i",
            Integer.toString(autostop),
            "-c",
            cluster,
            file.toString()));
  }

  /** Takes it down; nothing happens if there is none. A launch under way ends too. */
  void down(String cluster, Consumer<String> progress)
      throws ProvisionException, InterruptedException {
    String kept = cluster + " may still cost. Type: sky down -y " + cluster;
    try {
      Ended ended = tool.call(limits.down, progress, List.of("down", "-y", cluster));
      if (ended.code() != 0) {
        throw SkyFailure.of(ended, "SkyPilot did not take " + cluster + " down", kept);
      }
    } catch (TimedOutException e) {
      throw new ProvisionException(Reason.UNAVAILABLE, e.getMessage() + ". " + kept);
    }
  }

  private Ended look(List<String> arguments, String failed)
      throws ProvisionException, InterruptedException {
    try {
      Ended ended = tool.call(limits.look, line -> {}, arguments);
      if (ended.code() != 0) {
        throw SkyFailure.of(ended, failed, "Nothing was changed.");
      }
      return ended;
    } catch (TimedOutException e) {
      throw new ProvisionException(
          Reason.UNAVAILABLE, e.getMessage() + ". Nothing was changed. Look at: sky api info");
    }
  }
}
