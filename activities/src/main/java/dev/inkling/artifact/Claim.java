package dev.inkling.artifact;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inkling.crash.CrashPoint;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who makes an artifact: an entry with a token that is new for every attempt. An attempt whose
 * token no longer stands there has been replaced and may write nothing more, even if it only slept
 * and woke up. The same rules hold wherever the entry stands, in a file or in a bucket.
 */
final class Claim {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /**
   * A claim that somebody has seen unchanged for so long is anybody's; longer than the heartbeat
   * timeout of a stage (10 s).
   */
  static final Duration STALE = Duration.ofSeconds(20);

  /**
   * What stands there.
   *
   * @param host and process: a process that is gone on this machine holds nothing
   * @param since when the work began that nothing has kept yet; missing in claims of older versions
   * @param remote what lies in the bucket for it, if the store is one
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Entry(
      String token,
      String owner,
      String host,
      long process,
      String renewed,
      int attempts,
      boolean released,
      @Nullable String since,
      @Nullable RemoteWork remote) {
    /** Reads an entry; fails with Jackson's exceptions if there is none. */
    static Entry of(byte[] bytes) throws IOException {
      return JSON.readValue(bytes, Entry.class);
    }

    byte[] bytes() throws IOException {
      return JSON.writeValueAsBytes(this);
    }

    /** The work that nothing kept, as far as the claim was renewed: seconds short at most. */
    Duration unkept() {
      Duration work =
          since == null
              ? Duration.ZERO
              : Duration.between(Instant.parse(since), Instant.parse(renewed));
      return work.isNegative() ? Duration.ZERO : work;
    }

    /** What lies in the bucket for it; nothing, if the store is none or nothing was kept. */
    RemoteWork inBucket() {
      return remote == null ? RemoteWork.NONE : remote;
    }

    Entry with(RemoteWork now) {
      return new Entry(token, owner, host, process, renewed, attempts, released, since, now);
    }

    private Entry renewed(String now, boolean back, @Nullable String unkeptSince) {
      return new Entry(token, owner, host, process, now, attempts, back, unkeptSince, remote);
    }
  }

  /**
   * A claim that was taken.
   *
   * @param before the claim of the attempt before, if there was one
   */
  record Taken(Entry entry, Optional<Entry> before) {
    /** The work of the attempt before that nothing kept. */
    Duration lost() {
      return before.map(Entry::unkept).orElse(Duration.ZERO);
    }
  }

  private final String key;
  private final ClaimPlace place;
  private final Clock clock;
  private final Sightings seen;

  /**
   * The claim on the making of an artifact.
   *
   * @param key the artifact's
   * @param clock of this machine, by which it is written how long the work took
   * @param seen the claims that this process waits for
   */
  Claim(String key, ClaimPlace place, Clock clock, Sightings seen) {
    this.key = key;
    this.place = place;
    this.clock = clock;
    this.seen = seen;
  }

  /** Takes the claim for an owner; empty while another owner holds it and is alive. */
  Optional<Taken> take(String owner) throws IOException {
    String token = UUID.randomUUID().toString();
    Taken[] taken = new Taken[1];
    place.change(
        old -> {
          if (old.isPresent() && !free(old.get(), owner)) {
            taken[0] = null;
            return old;
          }
          String now = clock.instant().toString();
          Entry entry =
              new Entry(
                  token,
                  owner,
                  Host.identity(),
                  ProcessHandle.current().pid(),
                  now,
                  old.map(Entry::attempts).orElse(0) + 1,
                  false,
                  now,
                  old.map(Entry::remote).orElse(null));
          taken[0] = new Taken(entry, old);
          return Optional.of(entry);
        });
    if (taken[0] != null) {
      seen.forget(key);
      CrashPoint.CLAIM_TAKEN.reached();
    }
    return Optional.ofNullable(taken[0]);
  }

  private boolean free(Entry old, String owner) {
    boolean gone = old.host().equals(Host.identity()) && ProcessHandle.of(old.process()).isEmpty();
    return old.released()
        || old.owner().equals(owner)
        || gone
        || seen.unchanged(key, old).compareTo(STALE) > 0;
  }

  /** Renews the claim with a token, or throws if the token has been replaced. */
  void renew(String token) throws IOException {
    renew(token, entry -> entry);
  }

  /** The same, and does something that nobody else may do at the same time. */
  void renew(String token, Step step) throws IOException {
    whileHeld(
        token,
        entry -> {
          Entry now = step.from(entry);
          return now.renewed(now(), false, now.since());
        });
    CrashPoint.CLAIM_RENEWED.reached();
  }

  /** Gives the claim back if it is still this attempt's. */
  void release(String token) throws IOException {
    place.change(
        old ->
            old.filter(entry -> entry.token().equals(token))
                .map(entry -> entry.renewed(now(), true, entry.since()))
                .or(() -> old));
  }

  /** Does something that nobody else may do at the same time, if the token still stands. */
  void whileHeld(String token, Step step) throws IOException {
    place.change(old -> Optional.of(step.from(held(old, token))));
  }

  /** The same; and all work so far is kept by what was done, such as moving a checkpoint. */
  void keep(String token, Step step) throws IOException {
    whileHeld(
        token,
        entry -> {
          Entry now = step.from(entry);
          return now.renewed(now(), false, now());
        });
  }

  private String now() {
    return clock.instant().toString();
  }

  private Entry held(Optional<Entry> entry, String token) {
    if (entry.isEmpty() || !entry.get().token().equals(token)) {
      throw new Store.SupersededException(
          "Another attempt has taken over " + key + "; this one stops without writing.");
    }
    return entry.get();
  }

  /** What is done while the token stands. */
  @FunctionalInterface
  interface Step {
    /** Does it, and says what is to stand in the claim. */
    Entry from(Entry entry) throws IOException;
  }
}
