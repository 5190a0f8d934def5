package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.artifact.Disk;
import dev.inkling.worker.Home;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.common.converter.DataConverterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The specs of the experiments that were started here, by their ids, beside the store: Temporal
 * forgets closed workflows after its retention time (a day in the embedded server).
 */
final class Specs {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Home home;

  Specs(Home home) {
    this.home = home;
  }

  private Path file(String id) throws UserException {
    if (!id.matches("[\\p{L}\\p{N}][\\p{L}\\p{N}._-]*")) {
      throw new UserException(
          Main.BAD_INPUT,
          "'" + id + "' is no experiment: letters, digits, dots and hyphens. See: inkling status");
    }
    return home.directory().resolve("specs").resolve(id + ".json");
  }

  /** Writes the spec of an experiment that is about to start. */
  void keep(String id, JsonNode document) throws IOException, UserException {
    Path file = file(id);
    Files.createDirectories(file.getParent());
    Disk.replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document));
  }

  /** The spec of an experiment: as it was started here, or as Temporal's history has it. */
  ObjectNode find(String id) throws IOException, UserException {
    Path file = file(id);
    JsonNode found =
        Files.exists(file) ? JSON.readTree(Files.readAllBytes(file)) : fromHistory(id).orElse(null);
    if (found instanceof ObjectNode spec) {
      return spec;
    }
    throw new UserException(
        Main.BAD_INPUT,
        "There is no experiment '" + id + "' here that has a spec. See: inkling status");
  }

  /** The experiments that were started here. */
  List<String> ids() throws IOException {
    return Disk.entries(home.directory().resolve("specs")).stream()
        .map(f -> f.getFileName().toString())
        .filter(f -> f.endsWith(".json"))
        .map(f -> f.substring(0, f.length() - ".json".length()))
        .toList();
  }

  /** Drops an experiment's spec. */
  void forget(String id) throws IOException, UserException {
    Files.deleteIfExists(file(id));
  }

  private Optional<JsonNode> fromHistory(String id) throws IOException, UserException {
    try (Session session = Session.open(home, false, Session::tell, Optional.empty())) {
      var client = session.connection().client();
      HistoryEvent first = client.fetchHistory(id).getHistory().getEvents(0);
      var input = first.getWorkflowExecutionStartedEventAttributes().getInput();
      return input.getPayloadsCount() == 0
          ? Optional.empty()
          : Optional.of(
              client
                  .getOptions()
                  .getDataConverter()
                  .fromPayload(input.getPayloads(0), JsonNode.class, JsonNode.class));
    } catch (WorkflowNotFoundException | DataConverterException e) {
      return Optional.empty();
    } catch (io.grpc.StatusRuntimeException e) {
      if (e.getStatus().getCode() == io.grpc.Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
