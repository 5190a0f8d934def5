package dev.inkling.tracking;

import dev.inkling.artifact.Artifact;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Brings the store's experiments into the tables, within one transaction. */
final class Writer {
  private final Connection connection;
  private final Inventory inventory;
  private final ExperimentRows experiments;
  private final ArtifactRows artifacts;

  Writer(Connection connection, Inventory inventory) {
    this.connection = connection;
    this.inventory = inventory;
    this.experiments = new ExperimentRows(connection);
    this.artifacts = new ArtifactRows(connection);
  }

  /** Writes every experiment of the store into empty tables, and that everything is there. */
  Tracking.Built bringAll(Runnable alive) throws SQLException {
    int count = 0;
    int done = 0;
    List<String> skipped = new ArrayList<>();
    for (Map.Entry<String, Optional<Plan>> found : inventory.experiments().entrySet()) {
      alive.run();
      if (found.getValue().isEmpty()) {
        skipped.add(found.getKey() + ": this version cannot read its plan");
        continue;
      }
      Facts facts = inventory.facts(found.getValue().get());
      put(facts);
      count++;
      done += facts.done() ? 1 : 0;
    }
    try (Insert rows = Insert.into(connection, "build", "version")) {
      rows.row(Schema.VERSION);
      rows.write();
    }
    return new Tracking.Built(count, done, artifacts.count(), skipped);
  }

  /**
   * Looks an experiment up in the store and writes it; one that is gone there goes here too.
   *
   * @return whether it is there
   */
  boolean bring(String id) throws SQLException {
    Optional<Plan> plan = inventory.plan(id);
    if (plan.isPresent()) {
      put(inventory.facts(plan.get()));
    } else {
      experiments.drop(id);
    }
    artifacts.dropUnused();
    return plan.isPresent();
  }

  /**
   * Does that for all that may have changed: those not done, new ones, and those that are gone.
   *
   * @return which they were
   */
  Set<String> bringUnfinished() throws SQLException {
    Set<String> changed = new LinkedHashSet<>(inventory.planned());
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select id, report from experiments")) {
      while (found.next()) {
        String report = found.getString(2);
        if (report != null && inventory.has(report)) {
          changed.remove(found.getString(1));
        } else {
          changed.add(found.getString(1));
        }
      }
    }
    for (String id : changed) {
      bring(id);
    }
    return changed;
  }

  private void put(Facts facts) throws SQLException {
    experiments.replace(facts);
    for (Stage stage : facts.plan().stages()) {
      if (!facts.artifacts().containsKey(stage.key())) {
        artifacts.drop(stage.key());
      }
    }
    for (Artifact artifact : facts.all().toList()) {
      artifacts.put(artifact);
    }
  }
}
