package dev.inkling.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work on one artifact of a bucket: in a directory of this machine, and what is kept of it in
 * the bucket too, where the attempt on another machine finds it. The claim in the bucket says which
 * objects count, so what an attempt that was replaced still sends is read by nobody.
 */
final class S3Work implements Store.Work {
  private static final Logger log = LoggerFactory.getLogger(S3Work.class);

  /** A bucket takes money for each request; a claim goes stale after four of these. */
  private static final Duration RENEW_EVERY = Duration.ofSeconds(5);

  /** While bytes are on their way nobody else renews it; otherwise this never comes to pass. */
  private static final Duration RENEW_MEANWHILE = RENEW_EVERY.multipliedBy(2);

  private final S3Store store;
  private final String key;
  private final LocalWork local;
  private final Claim claim;
  private final Claim.Taken taken;
  private final ScratchFiles scratch;
  private final Transfers transfers;

  /** What the claim names. */
  private RemoteWork remote;

  /** Those of its files that were the same here when this was last looked at. */
  private Map<String, RemoteWork.KeptFile> known;

  private long renewed = System.nanoTime();
  private boolean begun;
  private boolean done;

  /**
   * The work of an attempt that holds the claim on this machine and in the bucket.
   *
   * @param store whose artifact it is
   */
  S3Work(S3Store store, String key, LocalWork local, Claim claim, Claim.Taken taken) {
    this.store = store;
    this.key = key;
    this.local = local;
    this.claim = claim;
    this.taken = taken;
    this.remote = taken.entry().inBucket();
    this.known = remote.files();
    this.transfers = new Transfers(store.bucket(), this::breathe);
    this.scratch =
        new ScratchFiles(
            local.scratch(), transfers, BucketNames.work(key), taken.entry().token() + "/");
  }

  /** Finishes what was decided, and brings here what was kept elsewhere. */
  synchronized void begin() {
    store.io(
        () -> {
          if (remote.toPublish().isPresent()) {
            store.manifests().publish(key, remote.toPublish().get());
          } else {
            known = scratch.restore(remote, taken, local);
          }
          return key;
        });
    begun = true;
  }

  /** While many bytes are on their way: says that the caller and this attempt are alive. */
  private void breathe() {
    try {
      store.alive().run();
    } catch (RuntimeException e) {
      if (!begun) {
        throw e;
      }
      // It shall stop, and does at its next step. What is on its way is what it leaves behind.
      log.debug("{}", e.getMessage());
    }
    if (System.nanoTime() - renewed > RENEW_MEANWHILE.toNanos()) {
      bearing(
          () -> {
            claim.renew(taken.entry().token());
            renewed = System.nanoTime();
          });
    }
  }

  /** As long as nobody may take the work over, a bucket that does not answer stops nothing. */
  private boolean bearing(Step step) {
    try {
      store.io(
          () -> {
            step.run();
            return key;
          });
      return true;
    } catch (StoreException e) {
      if (!e.passing() || System.nanoTime() - renewed > Claim.STALE.toNanos()) {
        throw e;
      }
      log.warn("Nothing is kept in the bucket for now: {}", e.getMessage());
      return false;
    }
  }

  /** Something that asks the bucket. */
  private interface Step {
    void run() throws IOException;
  }

  @Override
  public Path scratch() {
    return local.scratch();
  }

  @Override
  public Path output() {
    return local.output();
  }

  @Override
  public Path draft(String name) {
    return local.draft(name);
  }

  @Override
  public synchronized void keep(String name) {
    local.renew(); // or it was replaced on this very machine, and its drafts are gone
    store.io(
        () -> {
          send(name);
          return key;
        });
  }

  @Override
  public synchronized void checkpoint(String name) {
    local.renew();
    if (!bearing(() -> send(name)) && Files.exists(local.draft(name))) {
      keepHere(name);
    }
  }

  private void send(String name) throws IOException {
    SortedMap<String, RemoteWork.KeptFile> now = scratch.changed(known);
    now.put(name, scratch.send(name, local.draft(name)));
    CrashPoint.REMOTE_SENT.reached();
    // Here first: what the claim names must be what the next attempt on this machine finds.
    keepHere(name);
    stands(now, true);
    CrashPoint.REMOTE_KEPT.reached();
  }

  /**
   * From here on the file here is another one than the claim's: it is sent as a whole, if at all.
   */
  private void keepHere(String name) {
    local.keep(name);
    known = new TreeMap<>(known);
    known.remove(name);
  }

  /** Puts the files into the claim; those that it named before and names no more are removed. */
  private void stands(SortedMap<String, RemoteWork.KeptFile> files, boolean kept)
      throws IOException {
    RemoteWork now = remote.with(files);
    Claim.Step step = entry -> entry.with(now);
    if (kept) {
      claim.keep(taken.entry().token(), step);
    } else {
      claim.renew(taken.entry().token(), step);
    }
    renewed = System.nanoTime();
    Set<String> needed = now.objects().collect(Collectors.toSet());
    remote.objects().filter(o -> !needed.contains(o)).forEach(o -> tidy(BucketNames.work(key) + o));
    remote = now;
    known = now.files();
  }

  /** What is left there costs a little until somebody tidies up, and nothing else. */
  private void tidy(String object) {
    try {
      store.bucket().remove(object);
    } catch (StoreException e) {
      log.debug("{} stays until the next worker starts: {}", object, e.getMessage());
    }
  }

  @Override
  public int attempt() {
    return taken.entry().attempts();
  }

  @Override
  public Duration lost() {
    return taken.lost();
  }

  @Override
  public Duration renewEvery() {
    return RENEW_EVERY;
  }

  @Override
  public synchronized void renew() {
    local.renew();
    bearing(() -> stands(scratch.changed(known), false));
  }

  @Override
  public synchronized Artifact publish(
      JsonNode identity, String name, String summary, double seconds) {
    Manifest manifest = local.prepare(identity, name, summary, seconds, attempt(), this::breathe);
    return store.io(
        () -> {
          Path written = output().resolve(Manifest.FILE);
          String sha256 = Disk.sha256(written);
          String place = BucketNames.artifact(key);
          for (var file : manifest.files().entrySet()) {
            transfers.sendWhole(
                place, file.getKey(), file.getValue().sha256(), output().resolve(file.getKey()));
          }
          transfers.sendWhole(place, Manifest.FILE, sha256, written);
          CrashPoint.REMOTE_FILES_SENT.reached();
          // From here on it is published, by this attempt or by the next: no other bytes can be.
          claim.whileHeld(
              taken.entry().token(), entry -> entry.with(entry.inBucket().sealed(sha256)));
          remote = remote.sealed(sha256);
          CrashPoint.REMOTE_SEALED.reached();
          boolean ours = store.manifests().publish(key, sha256);
          CrashPoint.REMOTE_PUBLISHED.reached();
          done = true;
          if (ours) {
            store.copies().drop(key);
            Artifact artifact = local.commit(manifest);
            store.leftovers().removeWork(key);
            return artifact;
          }
          local.remove();
          store.leftovers().removeWork(key);
          return store.find(key).orElseThrow(() -> new IOException(key + " vanished"));
        });
  }

  @Override
  public synchronized void close() {
    if (done) {
      return;
    }
    done = true;
    store.io(
        () -> {
          try {
            if (Files.isDirectory(local.scratch())) {
              stands(scratch.changed(known), false);
            }
            claim.release(taken.entry().token());
          } catch (Store.SupersededException e) {
            log.debug("{}", e.getMessage());
          } finally {
            local.close();
          }
          return key;
        });
  }
}
