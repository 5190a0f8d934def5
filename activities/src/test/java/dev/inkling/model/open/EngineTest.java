package dev.inkling.model.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.transformer.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many orders at once share slots and beginnings, and each gets the answer it would get alone. */
@Timeout(60)
class EngineTest {
  private static final Room ROOM = new Room(8, 1 << 20, 100);

  private final List<String> notices = Collections.synchronizedList(new ArrayList<>());

  private Engine engine(Room room, RememberingDecoder... decoders) {
    return new Engine(
        List.of(decoders), room, new Pace(4, 64), Set.of(RememberingDecoder.STOP), notices::add);
  }

  private static int[] tokens(int length, long seed) {
    return IntStream.range(0, length)
        .map(i -> 1 + Counter.below(RememberingDecoder.VOCABULARY - 1, seed, i))
        .toArray();
  }

  private static Order.Sample sample(int[] ids, int most, long key) {
    return new Order.Sample(ids, most, Choice.at(1), key, 0);
  }

  private static int[] joined(int[] a, int[] b) {
    return IntStream.concat(IntStream.of(a), IntStream.of(b)).toArray();
  }

  /** Different prompts, the same prompt several times, and prompts that begin alike. */
  private static List<Order.Sample> mixture() {
    List<Order.Sample> orders = new ArrayList<>();
    int[] system = tokens(20, 100);
    for (int i = 0; i < 60; i++) {
      int[] ids =
          switch (i % 3) {
            case 0 -> tokens(1 + i, i);
            case 1 -> tokens(30, 200);
            default -> joined(system, tokens(1 + i / 2, i));
          };
      orders.add(sample(ids, 1 + i % 23, i));
    }
    return orders;
  }

  private static Future<Order.Outcome> later(ExecutorService threads, Engine engine, Order order) {
    return threads.submit(() -> engine.run(order));
  }

  private static void answered(Engine engine, List<Order.Sample> orders) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Order.Outcome>> outcomes =
          orders.stream().map(order -> later(threads, engine, order)).toList();
      for (int i = 0; i < orders.size(); i++) {
        Order.Outcome outcome = outcomes.get(i).get();
        int[] expected = RememberingDecoder.answer(orders.get(i));
        assertThat(outcome.tokens()).as("order %d", i).containsExactly(expected);
        assertThat(outcome.stopped()).isEqualTo(expected.length < orders.get(i).most());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "7, 1", "32, 1", "1, 3", "4, 3"})
  void everyOrderGetsItsOwnAnswerWhateverRunsBesideIt(int slots, int lanes) throws Exception {
    RememberingDecoder[] decoders =
        Stream.generate(RememberingDecoder::new).limit(lanes).toArray(RememberingDecoder[]::new);
    try (Engine engine = engine(new Room(slots, 1 << 20, 100), decoders)) {
      answered(engine, mixture());
      answered(engine, mixture().reversed());
    }
    assertThat(Arrays.stream(decoders).mapToInt(d -> d.mostRows)).allMatch(n -> n <= slots);
    assertThat(decoders).allMatch(d -> d.closed);
    assertThat(notices).isEmpty();
  }

  @Test
  void aPromptThatIsAskedOftenIsReadOnce() throws Exception {
    RememberingDecoder decoder = new RememberingDecoder();
    int[] prompt = tokens(40, 1);
    try (Engine engine = engine(ROOM, decoder)) {
      answered(engine, IntStream.range(0, 100).mapToObj(i -> sample(prompt, 9, i)).toList());
    }
    assertThat(decoder.tokensRead).isEqualTo(prompt.length - 1);
    assertThat(decoder.mostRows).isEqualTo(8);
  }

  @Test
  void aBeginningThatPromptsHaveInCommonIsReadOnceAndKeptWhileItsSlotIsFree() throws Exception {
    RememberingDecoder decoder = new RememberingDecoder();
    int[] system = tokens(50, 1);
    List<Order.Sample> orders =
        IntStream.range(0, 8)
            .mapToObj(i -> sample(joined(system, joined(new int[] {1 + i}, tokens(3, i))), 5, i))
            .toList();
    try (Engine engine = engine(ROOM, decoder)) {
      for (Order.Sample order : orders) {
        answered(engine, List.of(order));
      }
      // The first 4 tokens after it and all but the last of the others.
      assertThat(decoder.tokensRead).isEqualTo(50 + 8 * 3);
    }
  }

  @Test
  void answersThatHaveEndedMakeRoomForOthers() throws Exception {
    RememberingDecoder decoder = new RememberingDecoder();
    List<Order.Sample> orders =
        IntStream.range(0, 64)
            .mapToObj(i -> sample(tokens(5, i), 1 + 40 * (i % 8) / 7, i))
            .toList();
    int drawn = orders.stream().mapToInt(o -> RememberingDecoder.answer(o).length + 1).sum();
    try (Engine engine = engine(ROOM, decoder)) {
      answered(engine, orders);
    }
    // Eight rows by four tokens in each call; half of that is lost at the ends of answers at most.
    assertThat(decoder.calls).isLessThan(2 * drawn / 32 + 12);
  }

  @Test
  void givenAnswersAreScoredBesideOthers() throws Exception {
    RememberingDecoder decoder = new RememberingDecoder();
    int[] prompt = tokens(25, 1);
    try (Engine engine = engine(ROOM, decoder);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Order.Given> orders =
          IntStream.range(0, 30)
              .mapToObj(i -> new Order.Given(joined(prompt, tokens(1 + i % 5, i)), 25, 0))
              .toList();
      List<Future<Order.Outcome>> outcomes =
          orders.stream().map(o -> later(threads, engine, o)).toList();
      answered(engine, mixture());
      for (int i = 0; i < orders.size(); i++) {
        int[] ids = orders.get(i).ids();
        Order.Outcome outcome = outcomes.get(i).get();
        assertThat(outcome.tokens()).containsExactly(Arrays.copyOfRange(ids, 25, ids.length));
        for (int t = 25; t < ids.length; t++) {
          assertThat(outcome.scores().get(t - 25).logprob())
              .isEqualTo(RememberingDecoder.score(ids, t, ids[t]));
        }
      }
    }
  }

  @Test
  void longerOnesGetRoomWhenThoseUnderWayHaveEnded() throws Exception {
    List<Order.Sample> orders =
        IntStream.range(0, 40)
            .mapToObj(i -> sample(tokens(i % 4 == 3 ? 400 : 10, i), 20, i))
            .toList();
    RememberingDecoder decoder = new RememberingDecoder();
    // Room for 8 sequences of 96 tokens, for one of 432.
    try (Engine engine = engine(new Room(8, 8 * 97 * 100, 100), decoder)) {
      answered(engine, orders);
      assertThatThrownBy(() -> engine.run(sample(tokens(900, 1), 20, 1)))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "a question and its answer of up to 920 tokens need 92,900 bytes for keys and values,"
                  + " and there are 77,600. Give more memory, or ask for less: a smaller maxTokens");
      answered(engine, orders);
    }
  }

  /** Fails so many times when it is called by a name. */
  private static Consumer<String> failing(String call, int times, RuntimeException failure) {
    AtomicInteger left = new AtomicInteger(times);
    return name -> {
      if (name.equals(call) && left.getAndDecrement() > 0) {
        throw failure;
      }
    };
  }

  private static RuntimeException exhausted() {
    return new IllegalStateException("CUDA out of memory. Tried to allocate 2.00 GiB");
  }

  @ParameterizedTest
  @CsvSource({"allocate", "extend", "decode"})
  void memoryThatDoesNotSufficeHalvesTheSlotsOnceAndNobodyNotices(String call) throws Exception {
    RememberingDecoder decoder = new RememberingDecoder(failing(call, 1, exhausted()));
    try (Engine engine = engine(ROOM, decoder)) {
      answered(engine, mixture());
    }
    assertThat(decoder.mostRows).isLessThanOrEqualTo(call.equals("decode") ? 8 : 4);
    assertThat(notices).hasSize(1);
    assertThat(notices.getFirst())
        .startsWith(
            "the device's memory did not suffice for 8 answers at once; from now on there are 4");
  }

  @Test
  void memoryThatDoesNotSufficeForHalfEitherIsAClearRefusal() {
    RememberingDecoder decoder = new RememberingDecoder(failing("decode", 2, exhausted()));
    try (Engine engine = engine(ROOM, decoder)) {
      assertThatThrownBy(() -> engine.run(sample(tokens(5, 1), 3, 1)))
          .isInstanceOfSatisfying(
              ModelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED))
          .hasMessageContaining("also with 4 answers at once")
          .hasMessageContaining("Tried to allocate 2.00 GiB");
    }
  }

  @Test
  void aFailureReachesEverybodyUnderWayAndTheNextIsAnswered() throws Exception {
    RememberingDecoder decoder =
        new RememberingDecoder(failing("decode", 1, new IllegalStateException("device lost")));
    try (Engine engine = engine(ROOM, decoder);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Order.Outcome> first = later(threads, engine, sample(tokens(5, 1), 3, 1));
      assertThatThrownBy(first::get)
          .cause()
          .isInstanceOfSatisfying(
              ModelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
          .hasMessageContaining("device lost");
      answered(engine, mixture());
    }
  }

  @Test
  void anErrorEndsTheEngineAndLeavesNobodyWaiting() throws Exception {
    Consumer<String> broken =
        name -> {
          if (name.equals("decode")) {
            throw new AssertionError("broken");
          }
        };
    Thread.setDefaultUncaughtExceptionHandler((_, _) -> {});
    try (Engine engine = engine(new Room(1, 1 << 20, 100), new RememberingDecoder(broken));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Order.Outcome>> outcomes =
          IntStream.range(0, 5)
              .mapToObj(i -> later(threads, engine, sample(tokens(5, i), 3, i)))
              .toList();
      for (Future<Order.Outcome> outcome : outcomes) {
        assertThatThrownBy(outcome::get)
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOfSatisfying(
                ModelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED))
            .hasMessageContaining("came to its end")
            .hasMessageContaining("broken");
      }
      assertThatThrownBy(() -> engine.run(sample(tokens(5, 9), 3, 9)))
          .hasMessageContaining("java.lang.AssertionError: broken");
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(null);
    }
  }

  /** Counts down when a decoder first writes, and lets it go on when it is told. */
  private static RememberingDecoder held(CountDownLatch begun, CountDownLatch go) {
    return new RememberingDecoder(
        name -> {
          if (name.equals("decode")) {
            begun.countDown();
            awaitUninterruptibly(go);
          }
        });
  }

  private static Thread interruptible(Engine engine, Order order, CountDownLatch interrupted) {
    return Thread.startVirtualThread(
        () -> {
          try {
            engine.run(order);
          } catch (InterruptedException e) {
            interrupted.countDown();
          } catch (ModelException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void whoeverIsInterruptedWithdrawsAndTheOthersAreAnswered() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(2);
    RememberingDecoder decoder = held(begun, go);
    Order.Sample lengthy =
        IntStream.range(0, 1000)
            .mapToObj(key -> sample(tokens(9, 1), 1000, key))
            .filter(order -> RememberingDecoder.answer(order).length > 30)
            .findFirst()
            .orElseThrow();
    Order.Sample other = sample(tokens(9, 3), 6, 5);
    try (Engine engine = engine(new Room(1, 1 << 20, 100), decoder);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Thread running = interruptible(engine, lengthy, interrupted);
      begun.await();
      Thread queued = interruptible(engine, lengthy, interrupted);
      Future<Order.Outcome> stays = later(threads, engine, other);
      running.interrupt();
      queued.interrupt();
      interrupted.await();
      go.countDown();

      assertThat(stays.get().tokens()).containsExactly(RememberingDecoder.answer(other));
    }
    // One of the long answer, and two of the other one's seven tokens at most.
    assertThat(decoder.calls).isLessThanOrEqualTo(3);
  }

  @Test
  void closingFailsWhatIsUnderWayAndWhatWaitsAndWhatComesAfter() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    RememberingDecoder decoder = held(begun, go);
    Engine engine = engine(new Room(1, 1 << 20, 100), decoder);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Order.Outcome> running = later(threads, engine, sample(tokens(5, 1), 1000, 1));
      begun.await();
      Future<Order.Outcome> queued = later(threads, engine, sample(tokens(5, 2), 1000, 2));
      Thread closing = Thread.ofVirtual().start(engine::close);
      assertThatThrownBy(queued::get).hasMessageContaining("closed before it answered");
      assertThat(decoder.closed).as("freed while the device works").isFalse();
      go.countDown();
      closing.join();

      assertThatThrownBy(running::get).hasMessageContaining("closed before it answered");
    }
    assertThat(decoder.closed).isTrue();
    assertThatThrownBy(() -> engine.run(sample(tokens(2, 1), 1, 1)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("closed before it answered");
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
