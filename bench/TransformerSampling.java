import dev.inkling.model.Answer;
import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.model.open.OpenWeights;
import dev.inkling.model.open.Settings;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.spec.Decoding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Asks a model many questions at once, from text to text, and says how long it took, for {@code
 * bench/transformer.py}. In its models every letter is a token.
 */
class TransformerSampling {
  static void main(String[] arguments) throws Exception {
    TransformerCase that = TransformerCase.of(arguments);
    int rows = that.number("rows");
    List<Double> seconds = new ArrayList<>();
    long written = 0;
    Map<String, Object> more = new LinkedHashMap<>();
    TransformerCase.Resident resident = that.watched();
    Settings settings = Settings.on(that.device(), that.precision()).withSlots(rows);
    try (ModelDirectory model = ModelDirectory.open(that.directory());
        OpenWeights weights = OpenWeights.open(model, List.of(), settings, System.err::println);
        ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < that.number("warm") + that.number("steps"); round++) {
        resident.look(round);
        List<Question> questions = questions(that, round * rows, rows);
        long began = System.nanoTime();
        List<Future<Answer>> answers = new ArrayList<>();
        for (Question question : questions) {
          answers.add(asking.submit(() -> weights.ask(question).answer()));
        }
        written = 0;
        for (Future<Answer> answer : answers) {
          written += answer.get().usage().outputTokens();
        }
        seconds.add((System.nanoTime() - began) / 1e9);
      }
      more.put("rss_mib", resident.look(that.number("warm") + that.number("steps")));
    }
    // A few rows end early by chance; those of the last round stand for all.
    more.putAll(Map.of("rows", rows, "written", written));
    that.report(seconds.subList(that.number("warm"), seconds.size()), written, more);
  }

  private static List<Question> questions(TransformerCase that, int first, int rows)
      throws IOException {
    Decoding decoding = new Decoding(false, 1, 1, that.number("new"));
    List<Question> questions = new ArrayList<>();
    for (int[] ids : that.ids(first, that.on("shared") ? 1 : rows, that.number("prompt"))) {
      StringBuilder prompt = new StringBuilder();
      for (int id : ids) {
        prompt.append((char) ('a' + id % 26));
      }
      List<Message> messages = List.of(new Message(Message.Role.USER, prompt.toString()));
      for (int copy = 0; copy < (that.on("shared") ? rows : 1); copy++) {
        OptionalLong seed = OptionalLong.of(first + questions.size());
        questions.add(new Question(messages, decoding, seed, 0));
      }
    }
    return questions;
  }
}
