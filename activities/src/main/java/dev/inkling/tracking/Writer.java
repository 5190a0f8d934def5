package dev.inkling.tracking;

import dev.inkling.artifact.Artifact;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
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

  /** Writes what was found of an experiment. */
  void put(Facts facts) throws SQLException {
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

  /** Looks an experiment up in the store and writes it; one that is gone there goes here too. */
  void bring(String id) throws SQLException {
    Optional<Plan> plan = inventory.plan(id);
    if (plan.isPresent()) {
      put(inventory.facts(plan.get()));
    } else {
      experiments.drop(id);
    }
    artifacts.dropUnused();
  }

  /** Does that for all that may have changed: those not done, new ones, and those that are gone. */
  void bringUnfinished() throws SQLException {
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
  }

  /** How many artifacts there are. */
  int artifacts() throws SQLException {
    try (PreparedStatement count = connection.prepareStatement("select count(*) from artifacts");
        ResultSet found = count.executeQuery()) {
      return found.next() ? found.getInt(1) : 0;
    }
  }

  /** Everything is here. */
  void complete() throws SQLException {
    try (Insert rows = Insert.into(connection, "build", "version")) {
      rows.row(Schema.VERSION);
      rows.write();
    }
  }
}
