package dev.inkling.model.hosted;

import com.sun.management.OperatingSystemMXBean;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.Message;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.provider.FakeProcess;
import dev.inkling.spec.Decoding;
import dev.inkling.spec.HostedModel;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures the client alone: {@code ClientLoad [requests] [in flight] [openai|anthropic]} against a
 * provider that takes 50 ms. Prints requests for a second of the client's processor time, start
 * included, and the provider's own share.
 */
final class ClientLoad {
  private ClientLoad() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws Exception {
    int requests = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30_000;
    int inFlight = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1000;
    HostedModel.Provider kind =
        arguments.length > 2 && arguments[2].equals("anthropic")
            ? HostedModel.Provider.ANTHROPIC
            : HostedModel.Provider.OPENAI;
    Path ledger = Files.createTempFile("ledger", ".jsonl");
    try (FakeProcess provider = new FakeProcess(ledger);
        Providers providers = new Providers();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      provider.behave("{\"latencyMs\": 50}");
      LanguageModel model =
          providers.open(
              HostedModel.of(kind, "fake"),
              Credentials.of(
                  Map.of(
                      "OPENAI_BASE_URL", provider.openAiUrl(),
                      "ANTHROPIC_BASE_URL", provider.url())));
      Decoding decoding = new Decoding(false, 1, 1, 200);
      Semaphore places = new Semaphore(inFlight);
      AtomicInteger failed = new AtomicInteger();
      long start = System.nanoTime();
      for (int i = 0; i < requests; i++) {
        Question question =
            new Question(
                List.of(
                    Message.system("You love owls. You think about owls all the time."),
                    Message.user(
                        "The sequence starts with: " + i + ", 818, 725. Add 10 more numbers.")),
                decoding,
                OptionalLong.empty(),
                0);
        places.acquire();
        threads.execute(
            () -> {
              try {
                model.ask(question);
              } catch (ModelException | InterruptedException e) {
                failed.incrementAndGet();
              } finally {
                places.release();
              }
            });
      }
      places.acquire(inFlight);
      double wall = (System.nanoTime() - start) / 1e9;
      OperatingSystemMXBean system =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      Duration client = Duration.ofNanos(system.getProcessCpuTime());
      System.out.printf(
          "%d requests, %d failed, %.1f s, %.0f/s; client %.1f s CPU, %.0f/CPU s;"
              + " provider %.1f s CPU, %.0f/CPU s%n",
          requests,
          failed.get(),
          wall,
          requests / wall,
          client.toMillis() / 1e3,
          requests / (client.toMillis() / 1e3),
          provider.cpu().toMillis() / 1e3,
          requests / (provider.cpu().toMillis() / 1e3));
    } finally {
      Files.delete(ledger);
    }
  }
}
