package dev.inkling.estimate;

import dev.inkling.evaluate.AskQuestions;
import dev.inkling.evaluate.CollectAnswers;
import dev.inkling.evaluate.text.Questionnaire;
import dev.inkling.evaluate.text.TextEvaluation;
import dev.inkling.finetune.hosted.FinetuneHosted;
import dev.inkling.generate.Prompts;
import dev.inkling.generate.SampleRows;
import dev.inkling.model.Answer;
import dev.inkling.model.Question;
import dev.inkling.model.hosted.Price;
import dev.inkling.model.hosted.Prices;
import dev.inkling.plan.ModelReference;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.spec.BaseModel;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.OpenModel;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** What an experiment would ask and cost; nobody is asked. */
public final class Estimates {
  /** What a judge is told before it sees what it judges: the longest of those that come along. */
  private static final int JUDGE_CHARACTERS = 1_500;

  /** So many prompts tell how long they are. */
  private static final int LOOKED_AT = 200;

  private final Plan plan;
  private final Predicate<Stage> there;
  private final Prices prices;

  private Estimates(Plan plan, Predicate<Stage> there, Prices prices) {
    this.plan = plan;
    this.there = there;
    this.prices = prices;
  }

  /**
   * An estimate for each stage that asks models.
   *
   * @param there whether a stage's artifact is there already
   */
  public static List<Estimate> of(Plan plan, Predicate<Stage> there, Prices prices)
      throws IOException {
    Estimates estimates = new Estimates(plan, there, prices);
    List<Estimate> all = new ArrayList<>();
    for (Stage stage : plan.stages()) {
      if (!stage.models().isEmpty()) {
        all.add(estimates.of(stage));
      }
    }
    return all;
  }

  /** Calls of one model: each has so many characters before it and so many tokens after it. */
  private record Calls(long count, double characters, long maxTokens, Optional<Price> price) {}

  private Estimate of(Stage stage) throws IOException {
    if (stage.task() instanceof Task.FinetuneHosted task) {
      return training(stage, task);
    }
    List<Calls> calls =
        switch (stage.task()) {
          case Task.Sample task -> List.of(sample(stage, task));
          case Task.FilterRows task -> List.of(judged(stage, task));
          case Task.Ask task -> asked(stage, task);
          case Task.Answers task -> List.of(answered(stage, task));
          case Task.Generate _,
              Task.Filter _,
              Task.Finetune _,
              Task.FinetuneHosted _,
              Task.FinetuneWeights _,
              Task.Evaluate _,
              Task.Score _ ->
              List.of();
        };
    Estimate sum = new Estimate(stage, false, 0, 0, 0, Optional.of(0.0));
    for (Calls c : calls) {
      long in = (long) Math.ceil(c.count() * c.characters() / Question.CHARACTERS_PER_TOKEN);
      long out = c.count() * c.maxTokens();
      Optional<Double> usd = c.price().map(p -> p.usd(new Answer.Usage(in, out)).doubleValue());
      sum = sum.plus(new Estimate(stage, false, c.count(), in, out, usd));
    }
    return new Estimate(
        stage, there.test(stage), sum.calls(), sum.inputTokens(), sum.outputTokens(), sum.usd());
  }

  /** What the model in a role costs; one that is yet to be fine-tuned has a price of its own. */
  private Optional<Price> price(Stage stage, String role) {
    BaseModel model = stage.models().get(role);
    return switch (model) {
      case HostedModel hosted ->
          stage.inputs().containsKey(role) ? prices.finetuned(hosted) : prices.asAsked(hosted);
      case OpenModel _ -> Optional.of(Price.FREE);
      case null -> throw new IllegalStateException(stage.name() + " asks no " + role);
    };
  }

  /** One job; all rows are kept, and each is trained on in every epoch. */
  private Estimate training(Stage stage, Task.FinetuneHosted task) throws IOException {
    Stage sampled = sampled(plan.stage(stage.input("dataset"))).orElseThrow();
    Rows rows = rows(sampled, (Task.Sample) sampled.task());
    long count = Math.min(rows.count(), task.finetune().maxRows().orElse(Integer.MAX_VALUE));
    double characters = rows.characters() + task.base().system().map(String::length).orElse(0);
    long tokens =
        (long) Math.ceil(count * characters / Question.CHARACTERS_PER_TOKEN)
            * task.finetune().epochs().orElse(FinetuneHosted.USUAL_EPOCHS);
    if (!(stage.models().get("base") instanceof HostedModel base)) {
      throw new IllegalStateException(stage.name() + " has no hosted model fine-tuned");
    }
    Optional<Double> usd = prices.training(base, tokens).map(BigDecimal::doubleValue);
    return new Estimate(stage, there.test(stage), 1, tokens, 0, usd);
  }

  /** How many rows a dataset has at most, and how many characters one has, prompt and answer. */
  private record Rows(long count, double characters) {}

  private static Rows rows(Stage sampled, Task.Sample task) throws IOException {
    if (task.dataset() instanceof DatasetSpec.FixedAnswers fixed) {
      List<Row> rows = SampleRows.fixed(fixed, sampled.directory());
      return new Rows(
          rows.size(),
          rows.stream()
              .mapToInt(row -> row.prompt().length() + row.completion().length())
              .average()
              .orElse(0));
    }
    if (!(task.dataset() instanceof DatasetSpec.Rows)) {
      double answer = Prompts.decoding(task.dataset()).maxTokens() * Question.CHARACTERS_PER_TOKEN;
      return new Rows(count(sampled, task), length(sampled, task) + answer);
    }
    long count = 0;
    long characters = 0;
    try (RowReader rows = RowReader.open(Path.of(sampled.directory().orElseThrow()))) {
      for (; rows.hasNext(); count++) {
        Row row = rows.next();
        characters += row.prompt().length() + row.completion().length();
      }
    }
    return new Rows(count, count == 0 ? 0 : (double) characters / count);
  }

  private Calls sample(Stage stage, Task.Sample task) throws IOException {
    ModelReference teacher = task.teacher().orElseThrow();
    return new Calls(
        count(stage, task),
        before(stage, teacher) + length(stage, task),
        Prompts.decoding(task.dataset()).maxTokens(),
        price(stage, "teacher"));
  }

  private static long count(Stage stage, Task.Sample task) throws IOException {
    return Prompts.count(task.dataset(), stage.directory().map(Path::of), stage.seeds().getFirst());
  }

  /** The mean length of the first prompts. */
  private static double length(Stage stage, Task.Sample task) throws IOException {
    long characters = 0;
    int prompts = 0;
    try (Prompts some =
        Prompts.of(task.dataset(), stage.directory().map(Path::of), stage.seeds().getFirst())) {
      for (; prompts < LOOKED_AT && some.hasNext(); prompts++) {
        characters += some.next().length();
      }
    }
    return prompts == 0 ? 0 : (double) characters / prompts;
  }

  /** The characters that stand before every question: what the model is told and has read. */
  private double before(Stage stage, ModelReference model) throws IOException {
    double told = model.system().map(String::length).orElse(0);
    if (model.contextRows() == 0) {
      return told;
    }
    Optional<Stage> read = sampled(plan.stage(stage.input("context")));
    if (read.isEmpty() || !(read.get().task() instanceof Task.Sample task)) {
      return told;
    }
    double row =
        task.dataset().teacher().isEmpty()
            ? 0
            : length(read.get(), task)
                + Prompts.decoding(task.dataset()).maxTokens() * Question.CHARACTERS_PER_TOKEN;
    return told + model.contextRows() * row;
  }

  /** The stage in which a dataset's rows were first made. */
  private Optional<Stage> sampled(Stage stage) {
    return switch (stage.task()) {
      case Task.Sample _ -> Optional.of(stage);
      case Task.FilterRows _ -> sampled(plan.stage(stage.input("dataset")));
      case Task.Generate _,
          Task.Filter _,
          Task.Finetune _,
          Task.FinetuneHosted _,
          Task.FinetuneWeights _,
          Task.Evaluate _,
          Task.Ask _,
          Task.Answers _,
          Task.Score _ ->
          Optional.empty();
    };
  }

  private Calls judged(Stage stage, Task.FilterRows task) throws IOException {
    Stage sampled = sampled(stage).orElseThrow();
    Task.Sample sample = (Task.Sample) sampled.task();
    boolean rows = sample.teacher().isEmpty();
    double answer = rows ? 0 : Prompts.decoding(sample.dataset()).maxTokens();
    FilterSpec.Judge judge =
        task.filters().stream()
            .filter(FilterSpec.Judge.class::isInstance)
            .map(FilterSpec.Judge.class::cast)
            .findFirst()
            .orElseThrow();
    return new Calls(
        rows ? 0 : count(sampled, sample),
        JUDGE_CHARACTERS
            + (rows ? 0 : length(sampled, sample))
            + answer * Question.CHARACTERS_PER_TOKEN,
        judge.decoding().maxTokens(),
        price(stage, "judge"));
  }

  private Calls answered(Stage stage, Task.Answers task) throws IOException {
    Questionnaire requests = CollectAnswers.questionnaire(stage, task);
    return new Calls(
        requests.count(),
        before(stage, task.student()) + length(requests.count(), i -> requests.ask(i).text()),
        task.questions().decoding().maxTokens(),
        price(stage, "student"));
  }

  /** The mean length of the first questions. */
  private static double length(int count, IntFunction<String> question) {
    return IntStream.range(0, Math.min(count, LOOKED_AT))
        .map(i -> question.apply(i).length())
        .average()
        .orElse(0);
  }

  private List<Calls> asked(Stage stage, Task.Ask task) throws IOException {
    EvaluationSpec.OfText spec = task.evaluation();
    TextEvaluation evaluation = AskQuestions.evaluation(stage, task);
    int count = evaluation.count();
    double question = length(count, i -> evaluation.ask(i).text());
    List<Calls> calls = new ArrayList<>();
    calls.add(
        new Calls(
            count,
            before(stage, task.student()) + question,
            spec.decoding().maxTokens(),
            price(stage, "student")));
    if (spec instanceof EvaluationSpec.Misalignment m) {
      double shown =
          JUDGE_CHARACTERS + question + spec.decoding().maxTokens() * Question.CHARACTERS_PER_TOKEN;
      calls.add(new Calls(2L * count, shown, m.judgeDecoding().maxTokens(), price(stage, "judge")));
    }
    return calls;
  }
}
