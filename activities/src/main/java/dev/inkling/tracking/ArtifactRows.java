package dev.inkling.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.evaluate.Scores;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.plan.Spend;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the rows of artifacts, which several experiments may share. */
final class ArtifactRows {
  /** What a hosted fine-tuning came to. */
  static final String JOB = "job.json";

  private final Connection connection;

  ArtifactRows(Connection connection) {
    this.connection = connection;
  }

  /** Writes an artifact with what its files say, unless it is there as it was made. */
  void put(Artifact artifact) throws SQLException {
    Manifest manifest = artifact.manifest();
    if (Facts.made(artifact).equals(made(manifest.key()))) {
      return; // it never changes
    }
    drop(manifest.key());
    try (Insert rows =
        Insert.into(
            connection,
            "artifacts",
            "key",
            "kind",
            "name",
            "summary",
            "made",
            "seconds",
            "attempts",
            "files",
            "bytes")) {
      rows.row(
          manifest.key(),
          manifest.stage(),
          manifest.name(),
          manifest.summary(),
          Facts.made(artifact),
          manifest.made().seconds(),
          manifest.made().attempts(),
          manifest.files().size(),
          manifest.bytes());
      rows.write();
    }
    Optional<Spend> spend = Inventory.spend(artifact);
    if (spend.isPresent()) {
      spend(manifest.key(), spend.get());
    }
    JsonNode job = Inventory.json(artifact, JOB);
    if (job.isObject()) {
      job(manifest.key(), job);
    }
    scores(artifact);
  }

  private @Nullable String made(String key) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("select made from artifacts where key = ?")) {
      select.setString(1, key);
      try (ResultSet found = select.executeQuery()) {
        return found.next() ? found.getString(1) : null;
      }
    }
  }

  /** How many there are. */
  int count() throws SQLException {
    try (PreparedStatement count = connection.prepareStatement("select count(*) from artifacts");
        ResultSet found = count.executeQuery()) {
      return found.next() ? found.getInt(1) : 0;
    }
  }

  /** Removes an artifact with what hangs on it. */
  void drop(String key) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("delete from artifacts where key = ?")) {
      delete.setString(1, key);
      delete.executeUpdate();
    }
  }

  /** Removes those that belong to no experiment any more. */
  void dropUnused() throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from artifacts where not exists"
                + " (select 1 from stages s where s.artifact = artifacts.key) and not exists"
                + " (select 1 from experiments e where e.report = artifacts.key)")) {
      delete.executeUpdate();
    }
  }

  private void spend(String key, Spend spend) throws SQLException {
    try (Insert rows =
        Insert.into(
            connection,
            "spend",
            "artifact",
            "requests",
            "repeated",
            "input_tokens",
            "output_tokens",
            "usd")) {
      rows.row(
          key,
          spend.requests(),
          spend.repeated(),
          spend.inputTokens(),
          spend.outputTokens(),
          spend.usd());
      rows.write();
    }
  }

  private void job(String key, JsonNode job) throws SQLException {
    try (Insert rows =
        Insert.into(
            connection,
            "jobs",
            "artifact",
            "server",
            "job",
            "file",
            "base",
            "model",
            "status",
            "trained_tokens",
            "created",
            "finished",
            "epochs",
            "batch_size",
            "learning_rate_multiplier",
            "seed")) {
      rows.row(
          key,
          ExperimentRows.text(job, "server"),
          ExperimentRows.text(job, "job"),
          ExperimentRows.text(job, "file"),
          ExperimentRows.text(job, "base"),
          ExperimentRows.text(job, "model"),
          ExperimentRows.text(job, "status"),
          ExperimentRows.whole(job, "trainedTokens"),
          ExperimentRows.text(job, "createdAt"),
          ExperimentRows.text(job, "finishedAt"),
          ExperimentRows.text(job, "epochs"),
          ExperimentRows.text(job, "batchSize"),
          ExperimentRows.text(job, "learningRateMultiplier"),
          ExperimentRows.whole(job, "seed"));
      rows.write();
    }
  }

  private void scores(Artifact artifact) throws SQLException {
    String key = artifact.manifest().key();
    Optional<Scores> networks = Inventory.read(artifact, Scores.FILE, Scores.class);
    Optional<TextScores> texts = Inventory.read(artifact, TextScores.FILE, TextScores.class);
    try (Insert rows =
        Insert.into(
            connection,
            "scores",
            "artifact",
            "seed",
            "unit",
            "question",
            "asked",
            "scored",
            "total",
            "mean")) {
      if (networks.isPresent()) {
        int answers = networks.get().rows();
        for (Scores.Score s : networks.get().scores()) {
          rows.row(key, s.seed(), s.model(), null, answers, answers, (double) s.hits(), s.value());
        }
      }
      if (texts.isPresent()) {
        long seed = artifact.manifest().identity().path("seeds").path(0).asLong();
        for (TextScores.QuestionScore q : texts.get().questions()) {
          rows.row(
              key,
              seed,
              q.number(),
              q.question(),
              q.asked(),
              q.scored(),
              q.sum(),
              q.mean().isPresent() ? (Double) q.mean().getAsDouble() : null);
        }
      }
      rows.write();
    }
  }
}
