package dev.inkling.finetune.hosted;

import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Disk;
import dev.inkling.language.EmptyDatasetException;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Task;
import dev.inkling.row.Row;
import dev.inkling.stage.Note;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file that a model is fine-tuned on: made once, checked, and kept beside the work.
 *
 * @param tag the first 32 digits of SHA-256 over the stage's key and the file's hash: by it the
 *     file and the job are known at the provider. Another store may have made other rows for the
 *     same key; that is another job then
 * @param tokens about how many there are
 */
record TrainingFile(String tag, long rows, long tokens) {
  /** The artifact's file, and the one that is kept. */
  static final String FILE = "training.jsonl";

  private static final int TAG_DIGITS = 32;
  private static final int SUFFIX_DIGITS = 12;

  /**
   * The file of a stage.
   *
   * @throws EmptyDatasetException if there are no rows
   * @throws ModelException REFUSED if the provider would refuse it
   */
  static TrainingFile of(StageContext context, Task.FinetuneHosted task)
      throws IOException, ModelException {
    Note<TrainingFile> note = new Note<>(context.work(), "training.json", TrainingFile.class);
    Optional<TrainingFile> kept = note.read();
    if (kept.isPresent()) {
      return kept.get();
    }
    Path draft = context.work().draft(FILE);
    Files.createDirectories(draft.getParent());
    Artifact dataset = context.input("dataset");
    TrainingRows rows =
        new TrainingRows(
            dataset.file(Row.FILE),
            task.base().system(),
            task.finetune().maxRows(),
            context.stage().seeds().getFirst());
    if (rows.write(draft, context.monitor()) == 0) {
      throw new EmptyDatasetException(dataset);
    }
    TrainingChecks checked = TrainingChecks.of(draft, context.monitor());
    checked.warning().ifPresent(context.monitor()::note);
    Disk.force(draft);
    String hash = Disk.sha256(draft);
    context.work().keep(FILE);
    TrainingFile file =
        new TrainingFile(tag(context.stage().key(), hash), checked.rows(), checked.tokens());
    note.write(file);
    return file;
  }

  private static String tag(String key, String hash) {
    byte[] both = (key + " " + hash).getBytes(StandardCharsets.US_ASCII);
    return Keys.sha256(both).substring(0, TAG_DIGITS);
  }

  /** Where it lies. */
  static Path path(StageContext context) {
    return context.work().scratch().resolve(FILE);
  }

  /** What it is called at the provider. */
  String name() {
    return "inkling-" + tag + ".jsonl";
  }

  /** The part of the new model's name that tells people whose it is. */
  String suffix(Optional<String> wanted) {
    return wanted.orElse("inkling") + "-" + tag.substring(0, SUFFIX_DIGITS);
  }
}
