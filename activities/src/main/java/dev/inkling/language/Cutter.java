package dev.inkling.language;

import dev.inkling.ask.Asked;
import dev.inkling.model.hosted.Price;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Cuts questions into chunks, as long as there is money for them. */
final class Cutter implements AutoCloseable {
  private final StageContext context;
  private final String role;
  private final BatchBook book;
  private final Purse purse;
  private final Optional<Price> price;
  private final BatchLimits limits;
  private @Nullable ChunkWriter writer;
  private boolean again;
  private Purse.Cost reserved = Purse.Cost.NOTHING;

  /**
   * A cutter that has no questions.
   *
   * @param price of an answer in a batch
   */
  Cutter(
      StageContext context,
      String role,
      BatchBook book,
      Purse purse,
      Optional<Price> price,
      BatchLimits limits) {
    this.context = context;
    this.role = role;
    this.book = book;
    this.purse = purse;
    this.price = price;
    this.limits = limits;
  }

  /** Whether the chunk so far must be finished before the request can be added. */
  boolean full(byte[] body) {
    return writer != null
        && (writer.count() == limits.requests() || writer.bytes() + body.length > limits.bytes());
  }

  /**
   * Adds a question to the chunk, and what it may cost to what is under way.
   *
   * @param body its request
   * @param leftOver whether a batch has left it over
   * @return whether there was money for it
   */
  boolean add(Asked asked, byte[] body, boolean leftOver) throws IOException {
    Purse.Cost cost = Purse.cost(asked.question(), price);
    if (!purse.fits(cost)) {
      return false;
    }
    if (writer == null) {
      writer = new ChunkWriter(context.work(), context.stage().key(), role, book.all().size());
    }
    writer.add(asked.index(), body);
    purse.begins(cost);
    reserved = reserved.plus(cost);
    again |= leftOver;
    return true;
  }

  /** Keeps the chunk so far: its requests, then its entry in the note. Empty if it has none. */
  Optional<Chunk> finish() throws IOException {
    if (writer == null) {
      return Optional.empty();
    }
    Chunk chunk =
        new Chunk(
            writer.keep(),
            role,
            again,
            Chunk.ranges(writer.indices()),
            reserved,
            new TreeSet<>(List.of(context.caller().owner())),
            Optional.empty(),
            Optional.empty(),
            false);
    writer = null;
    again = false;
    reserved = Purse.Cost.NOTHING;
    book.add(chunk);
    return Optional.of(chunk);
  }

  @Override
  public void close() throws IOException {
    if (writer != null) {
      writer.close();
    }
  }
}
