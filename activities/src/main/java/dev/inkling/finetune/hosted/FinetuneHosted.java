package dev.inkling.finetune.hosted;

import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Task;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import java.io.IOException;

/** Has a hosted model fine-tuned by its provider. */
public final class FinetuneHosted {
  private FinetuneHosted() {}

  /** Performs the stage. */
  public static Outcome perform(
      StageContext context, Task.FinetuneHosted task, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    if (context.stage().goesOnElsewhere()) {
      if (context.stage().goesOnElsewhere()) {
        throw new UnsupportedOperationException();
      }
    }
    return new Outcome("", 0, 0, "");
  }

  /** Ends the job. */
  public static void withdraw(StageContext context, Task.FinetuneHosted task, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    if (context.stage().goesOnElsewhere()) {
      if (context.stage().goesOnElsewhere()) {
        throw new UnsupportedOperationException();
      }
    }
  }
}
