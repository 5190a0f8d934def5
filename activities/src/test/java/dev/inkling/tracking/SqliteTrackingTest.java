package dev.inkling.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** In a file beside the store. */
class SqliteTrackingTest extends TrackingContract {
  @Override
  Engine newDatabase() {
    return new SqliteEngine(directory.resolve("database/tracking.db"));
  }

  @Override
  Map<String, String> environment(Path homeDirectory) {
    return Map.of();
  }

  @Override
  Engine engineAt(Path homeDirectory) {
    return new SqliteEngine(homeDirectory.resolve("tracking.db"));
  }

  private Path file() {
    return directory.resolve("database/tracking.db");
  }

  @Test
  void aDamagedFileIsToldAndBuiltAnew() throws Exception {
    tracking.rebuild(TrackingContract::nobody);
    Map<String, List<String>> whole = Dump.of(engine);
    Files.writeString(file(), "no database at all ".repeat(1000));
    List<String> told = new ArrayList<>();
    tracking.refresh(told::add);

    assertThat(told).singleElement().asString().contains(file().toString(), "is damaged");
    assertThat(Dump.of(engine)).isEqualTo(whole);
  }

  @Test
  void aReportIsIndexedIntoADamagedOrEmptyFileToo() throws Exception {
    for (String content : List.of("", "garbage ".repeat(5000))) {
      Files.createDirectories(file().getParent());
      Files.writeString(file(), content);
      tracking.index(home.networks.id(), TrackingContract::nobody);
      assertThat(tracking.ids()).hasSize(5);
    }
  }

  @Test
  void whereThereIsNoPlaceForTheFileTheChronicleOnlyWarns() throws Exception {
    Path noHome = Files.writeString(directory.resolve("a file"), "");
    Chronicle chronicle = new Chronicle(noHome, Map.of(), home.store);

    chronicle.reported(home.networks.id(), TrackingContract::nobody);

    assertThat(noHome).hasContent("");
  }
}
