package dev.inkling.model.open;

import dev.inkling.model.ModelException;
import dev.inkling.tensor.transformer.Decoder;
import dev.inkling.tensor.transformer.OutOfMemoryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One thread that reads and writes sequences side by side: whenever some have ended, others take
 * their slots, and then all go on by a few tokens.
 */
final class Lane {
  private final Decoder decoder;
  private final Waiting waiting;
  private final Pace pace;
  private final Set<Integer> stops;
  private final Consumer<String> notices;
  private Room room;
  private boolean halved;
  private int length;
  private List<Request> taken = List.of();
  private Slots slots = new Slots(0);
  private @Nullable Running[] running = new Running[0];

  Lane(
      Decoder decoder,
      Waiting waiting,
      Room room,
      Pace pace,
      Set<Integer> stops,
      Consumer<String> notices) {
    this.decoder = decoder;
    this.waiting = waiting;
    this.room = room;
    this.pace = pace;
    this.stops = stops;
    this.notices = notices;
  }

  /** Works until {@link Waiting} is closed. */
  void run() throws InterruptedException {
    while (!waiting.isClosed()) {
      taken = waiting.take(count(), this::fits);
      try {
        work();
      } catch (RuntimeException e) {
        recover(e);
      }
      taken = List.of();
    }
  }

  /** Whoever waits for this lane waits in vain. */
  void end(ModelException reason) {
    abandon().forEach(r -> r.fail(reason));
  }

  private int count() {
    return (int) Arrays.stream(running).filter(Objects::nonNull).count();
  }

  /** An empty lane makes what room is needed; one at work has the room it has. */
  private boolean fits(List<Request> others, Request next) {
    int own = count();
    if (own > 0) {
      return next.order().length() <= length && own + others.size() < slots.size();
    }
    int longest = Math.max(longest(others), next.order().length());
    return others.size() < room.fitting(Room.length(longest));
  }

  private static int longest(List<Request> requests) {
    return requests.stream().mapToInt(r -> r.order().length()).max().orElse(0);
  }

  private void work() {
    for (int slot = 0; slot < running.length; slot++) {
      Running row = running[slot];
      if (row != null && !row.request().wanted()) {
        leave(slot, row);
      }
    }
    if (!taken.isEmpty() && makeRoom()) {
      admit();
    }
    closeGaps();
    int rows = count();
    if (rows > 0) {
      write(rows);
    }
  }

  /** Whether there is room; if not even one sequence has any, it is refused. */
  private boolean makeRoom() {
    int wanted = Room.length(longest(taken));
    if (count() > 0 || (wanted <= length && taken.size() <= slots.size())) {
      return true;
    }
    int fitting = room.fitting(wanted);
    if (fitting == 0) {
      refuse(wanted);
      return false;
    }
    forget();
    decoder.allocate(fitting, wanted);
    length = wanted;
    slots = new Slots(fitting);
    running = new Running[fitting];
    return true;
  }

  private void refuse(int wanted) {
    waiting.done(taken);
    taken.forEach(r -> r.fail(Failures.tooLong(r.order().length(), wanted, room)));
  }

  private void admit() {
    List<Integer> free =
        IntStream.range(0, running.length).filter(s -> running[s] == null).boxed().toList();
    // Answers that are given leave at once, so they come after those that stay.
    List<Request> ordered =
        taken.stream().sorted(Comparator.comparing(r -> r.order() instanceof Order.Given)).toList();
    for (List<Reading> wave : Reading.waves(ordered, slots, free)) {
      read(wave);
    }
  }

  private void read(List<Reading> wave) {
    List<Reading> copies = wave.stream().filter(Reading::copies).toList();
    if (!copies.isEmpty()) {
      decoder.copy(
          copies.stream().mapToInt(Reading::source).toArray(),
          copies.stream().mapToInt(Reading::slot).toArray(),
          copies.stream().mapToInt(Reading::common).max().orElseThrow());
    }
    for (boolean fresh : new boolean[] {true, false}) {
      pieces(
          wave.stream()
              .filter(r -> r.unread() > 0 && (r.common() == 0) == fresh)
              .sorted(Comparator.comparing(Reading::unread))
              .toList());
    }
    for (Reading reading : wave) {
      slots.hold(reading.slot(), Reading.read(reading.request().order()));
      if (reading.request().order() instanceof Order.Sample sample) {
        running[reading.slot()] = new Running(reading.request(), sample);
      }
    }
  }

  /** Sequences of about the same length together, as much as the pace allows; given ones alone. */
  private void pieces(List<Reading> readings) {
    for (int from = 0; from < readings.size(); ) {
      int to = from + 1;
      while (to < readings.size()
          && !readings.get(from).given()
          && !readings.get(to).given()
          && readings.get(to).unread() * (to + 1 - from) <= pace.tokens()) {
        to++;
      }
      piece(readings.subList(from, to));
      from = to;
    }
  }

  private void piece(List<Reading> readings) {
    int alternatives =
        readings.stream()
            .filter(Reading::given)
            .mapToInt(r -> r.request().order().alternatives())
            .max()
            .orElse(0);
    List<Decoder.Score> scores =
        decoder.extend(readings.stream().map(Reading::span).toList(), alternatives);
    int at = 0;
    for (Reading reading : readings) {
      if (reading.request().order() instanceof Order.Given given) {
        int[] tokens = given.scored();
        waiting.done(List.of(reading.request()));
        reading
            .request()
            .complete(
                new Order.Outcome(
                    tokens, List.copyOf(scores.subList(at, at + tokens.length)), true));
        at += tokens.length;
      }
    }
  }

  /** Closes the gaps: rows are the first slots. */
  private void closeGaps() {
    List<int[]> moves = new ArrayList<>();
    int last = running.length - 1;
    for (int slot = 0; slot < last; slot++) {
      while (last > slot && running[last] == null) {
        last--;
      }
      if (running[slot] == null && last > slot) {
        moves.add(new int[] {last, slot});
        running[slot] = running[last];
        running[last] = null;
        slots.move(last, slot);
      }
    }
    if (!moves.isEmpty()) {
      decoder.copy(
          moves.stream().mapToInt(m -> m[0]).toArray(),
          moves.stream().mapToInt(m -> m[1]).toArray(),
          moves.stream().mapToInt(m -> row(m[1]).held().length).max().orElseThrow());
    }
  }

  private Running row(int slot) {
    return Objects.requireNonNull(running[slot]);
  }

  private void write(int rows) {
    List<Running> all = IntStream.range(0, rows).mapToObj(this::row).toList();
    int steps = Math.min(pace.steps(), all.stream().mapToInt(Running::left).max().orElseThrow());
    List<Decoder.Drawn> drawn =
        decoder.decode(
            all.stream().map(r -> r.row(steps)).toList(),
            steps,
            all.stream().mapToInt(Running::alternatives).max().orElseThrow());
    for (int slot = 0; slot < rows; slot++) {
      if (all.get(slot).take(drawn.get(slot), stops)) {
        leave(slot, all.get(slot));
        all.get(slot).request().complete(all.get(slot).outcome());
      }
    }
  }

  private void leave(int slot, Running row) {
    running[slot] = null;
    slots.hold(slot, row.held());
    waiting.done(List.of(row.request()));
  }

  /** What is in the slots is lost. */
  private void recover(RuntimeException e) {
    Room before = room;
    List<Request> left = abandon();
    forget();
    if (!OutOfMemoryException.isMeant(e)) {
      left.forEach(r -> r.fail(Failures.failed(e)));
    } else if (halved || before.slots() == 1) {
      left.forEach(r -> r.fail(Failures.exhausted(before, e)));
    } else {
      halved = true;
      room = before.halved();
      notices.accept(Failures.halved(before, room, left.size()));
      waiting.putBack(left);
    }
  }

  /** Requests of this lane that have no outcome and are waited for. */
  private List<Request> abandon() {
    List<Request> left = new ArrayList<>();
    for (Running row : running) {
      if (row != null) {
        left.add(row.request());
      }
    }
    taken.stream().filter(r -> !left.contains(r)).forEach(left::add);
    waiting.done(left);
    left.removeIf(r -> !r.wanted());
    return left;
  }

  private void forget() {
    length = 0;
    slots = new Slots(0);
    running = new Running[0];
  }
}
